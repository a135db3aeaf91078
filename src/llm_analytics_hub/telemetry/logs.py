"""Log events with fields, one JSON object a line on stderr, or coloured text on a terminal."""

import logging
import sys

import structlog


def configure_logs(*, level: str = "info", as_json: bool = True) -> None:
    """Send log events of this process to stderr; stdout belongs to answers."""
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        # Whatever stderr is then: who embeds the hub may replace and close it.
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
    )
