"""Writes the schema to the standard output: `make reference` keeps `docs/reference` up to date."""

import sys

from llm_analytics_hub.api.graphql.schema import HubSchema

if __name__ == "__main__":
    sys.stdout.write(HubSchema().text)
