"""`python -m llm_analytics_hub`: the same as `analytics-hub`."""

from llm_analytics_hub.cli.main import app

app()
