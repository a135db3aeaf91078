"""apprise at a real server: through its json:// service."""

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from logging.handlers import BufferingHandler
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from llm_analytics_hub.alerts.channels.channels import open_channels
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.model.alerts.alert import Phase
from llm_analytics_hub.model.alerts.routing import Outcome

from .notices import NOW, SETTINGS, alert, desk, notice
from .receiver import Answer, Receiver, receiver


@pytest.fixture
def server() -> Iterator[Receiver]:
    with receiver() as one:
        yield one


def service(server: Receiver, **more: Any) -> dict[str, Any]:
    url = server.url.replace("http://", "json://user:PASSW0RD@") + "/T0KEN"
    return {"kind": "apprise", "urls": [url], "tries": 3, **more}


def test_people_are_told_what_how_bad_since_when_and_where(server: Receiver) -> None:
    with desk(a=service(server)) as at:
        told = alert()
        sent = at.sent("a", notice(told, left_out=7))
    body = json.loads(server.next().body)
    assert sent.outcome is Outcome.SENT
    assert body["type"] == "failure"
    assert body["title"] == "CRITICAL: error-rate (1 firing, 7 more)"
    for part in (
        "CRITICAL: gpt-4o fails in 12.3 % of its calls", "Value: 12.3 %, limit 5 %",
        "Since: 2026-11-22 11:55:00 UTC", "More than 5 % failed", "model=gpt-4o", told.url,
        "Runbook: https://runbooks.example/errors", "And 7 more", "Group: alertname=error-rate",
    ):  # fmt: skip
        assert part in body["message"]


def test_what_is_over_is_told_as_over(server: Receiver) -> None:
    with desk(a=service(server)) as at:
        at.sent("a", notice(resolved=(alert(phase=Phase.RESOLVED),)))
    body = json.loads(server.next().body)
    assert (body["type"], body["title"]) == ("success", "RESOLVED: error-rate")
    assert "until 2026-11-22 12:00:00 UTC" in body["message"]


def test_the_texts_can_be_ones_own(server: Receiver) -> None:
    own = {"title": "{{ level }} in {{ tenant }}", "body": "{{ firing[0].labels.model }}"}
    with desk(a=service(server, **own)) as at:
        at.sent("a")
    body = json.loads(server.next().body)
    assert (body["title"], body["message"]) == ("critical in acme", "gpt-4o")


def test_a_template_that_fails_gives_the_hubs_own_and_is_counted(server: Receiver) -> None:
    with desk(a=service(server, body="{{ firing[5].labels.model.x }}")) as at:
        assert at.sent("a").outcome is Outcome.SENT
        assert at.metrics.template_errors.labels("body")._value.get() == 1
    assert "12.3 %" in json.loads(server.next().body)["message"]


def test_one_that_took_it_is_not_told_again(server: Receiver) -> None:
    with receiver() as other:
        other.answer(500)
        urls = [one.url.replace("http", "json") for one in (server, other)]
        with desk(a=service(server, urls=urls)) as at:
            sent = at.sent("a")
        assert (sent.outcome, sent.tries) == (Outcome.SENT, 2)
        assert (server.received.qsize(), other.received.qsize()) == (1, 2)


@pytest.mark.parametrize(("status", "tries"), [(404, 1), (307, 1), (429, 3), (500, 3)])
def test_a_failure_names_status_and_place_and_no_secret(
    server: Receiver, status: int, tries: int, capfd: pytest.CaptureFixture[str]
) -> None:
    handler = BufferingHandler(1000)
    logging.getLogger().addHandler(handler)
    with receiver() as other:
        server.answers.extend([Answer(status, {"Location": other.url})] * tries)
        with desk(a=service(server)) as at:
            failed = at.sent("a")
            shown = repr((failed, at.channels._settings)) + "".join(capfd.readouterr())
        assert other.received.empty()
    logging.getLogger().removeHandler(handler)
    assert not [record for record in handler.buffer if record.name.startswith("apprise")]
    assert (failed.outcome, failed.tries) == (Outcome.FAILED, tries)
    assert f"urls[0]: JSON answered with status {status}" in failed.error
    assert "T0KEN" not in shown
    assert "PASSW0RD" not in shown


@pytest.mark.parametrize("url", ["nosuch://x", "slack://", "nothing at all"])
def test_a_service_that_apprise_does_not_know_stops_the_start(url: str) -> None:
    read = {"a": SETTINGS.validate_python({"kind": "apprise", "urls": ["json://localhost", url]})}
    with pytest.raises(SettingsError, match=r"alerts\.channels\.a: urls\[1\]") as error:
        open_channels(read, ManualClock(NOW), CollectorRegistry())
    assert url not in str(error.value)


def test_nothing_heavy_is_loaded_before_it_is_used() -> None:
    code = (
        "import sys; import llm_analytics_hub.alerts.channels.channels, "
        "llm_analytics_hub.alerts.channels.kinds, llm_analytics_hub.alerts.channels.templates; "
        "print([one for one in ('apprise', 'jinja2', 'httpx', 'requests') if one in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"
