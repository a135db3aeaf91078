"""`analytics-hub`: all commands."""

import typer

from llm_analytics_hub.cli.commands import register
from llm_analytics_hub.cli.demo import demo
from llm_analytics_hub.cli.serve import serve

app = typer.Typer(
    name="analytics-hub",
    help="LLM-Analytics-Hub: events and OpenTelemetry of an LLM platform in, answers out.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
)
app.command()(serve)
app.command()(demo)
register(app)


if __name__ == "__main__":
    app()
