"""Where log events go."""

import io
import sys

import pytest
import structlog

from llm_analytics_hub.telemetry.logs import configure_logs


def test_events_go_to_the_stderr_of_the_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    closed, present = io.StringIO(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", closed)
    configure_logs()
    try:
        log = structlog.get_logger("test")
        log.info("before")
        closed.close()
        monkeypatch.setattr(sys, "stderr", present)
        log.info("after", number=1)
    finally:
        structlog.reset_defaults()
    assert '"event": "after"' in present.getvalue()
