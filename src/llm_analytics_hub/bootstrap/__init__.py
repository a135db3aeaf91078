"""Settings to objects: with `settings.py` the only package that names a concrete adapter."""

from llm_analytics_hub.bootstrap.doors import Doors, open_doors
from llm_analytics_hub.bootstrap.hub import Hub, open_hub
from llm_analytics_hub.bootstrap.rules import rules_of
from llm_analytics_hub.bootstrap.stores import open_store

__all__ = ["Doors", "Hub", "open_doors", "open_hub", "open_store", "rules_of"]
