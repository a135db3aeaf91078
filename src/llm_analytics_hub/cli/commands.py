"""The client commands: what talks to a hub, or explains one."""

import typer

from llm_analytics_hub.cli.alerts.main import alerts
from llm_analytics_hub.cli.analyze import analyze
from llm_analytics_hub.cli.dead_letters import dead_letters
from llm_analytics_hub.cli.export import export
from llm_analytics_hub.cli.ingest import ingest
from llm_analytics_hub.cli.integrations import integrations
from llm_analytics_hub.cli.query import catalog, query
from llm_analytics_hub.cli.settings import settings
from llm_analytics_hub.cli.sql import sql
from llm_analytics_hub.cli.tail import tail


def register(app: typer.Typer) -> None:
    """Add the client commands to `app`."""
    app.command()(ingest)
    app.command()(query)
    app.command()(sql)
    app.command()(analyze)
    app.command()(tail)
    app.command()(catalog)
    app.add_typer(alerts, name="alerts")
    app.add_typer(dead_letters, name="dead-letters")
    app.add_typer(export, name="export")
    app.add_typer(integrations, name="integrations")
    app.add_typer(settings, name="settings")
