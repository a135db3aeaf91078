"""`analytics-hub alerts`: all of its commands."""

import typer

from llm_analytics_hub.cli.alerts.active import ack, active, changes, history
from llm_analytics_hub.cli.alerts.budgets import budgets
from llm_analytics_hub.cli.alerts.channels import channels, deliveries
from llm_analytics_hub.cli.alerts.check import check
from llm_analytics_hub.cli.alerts.routes import routes
from llm_analytics_hub.cli.alerts.rules import rules
from llm_analytics_hub.cli.alerts.silences import silence

alerts = typer.Typer(
    help="Alerts: rules, what fires, silences, routes, budgets, channels.", no_args_is_help=True
)
alerts.command()(active)
alerts.command()(ack)
alerts.command()(history)
alerts.command()(check)
alerts.command()(budgets)
alerts.command()(changes)
alerts.add_typer(rules, name="rules")
alerts.add_typer(silence, name="silence")
alerts.add_typer(routes, name="routes")
alerts.add_typer(channels, name="channels")
alerts.add_typer(deliveries, name="deliveries")
