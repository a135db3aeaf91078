"""What `docs/alert-channels.md` shows is so: settings, the body, the signature, names and filters."""

import json
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pydantic
import pytest
import yaml
from prometheus_client import CollectorRegistry
from tests.integration.alerts.notices import SECRET, alert, notice

from llm_analytics_hub.alerts.channels.channels import open_channels
from llm_analytics_hub.alerts.channels.jinja import _TEXT
from llm_analytics_hub.alerts.channels.kinds import ChannelName, ChannelSettings
from llm_analytics_hub.alerts.channels.messages import MESSAGE_NAMES, shown
from llm_analytics_hub.alerts.channels.metrics import ChannelMetrics
from llm_analytics_hub.alerts.channels.signature import signature
from llm_analytics_hub.alerts.channels.templates import ANNOTATION_NAMES, LinkTemplate
from llm_analytics_hub.alerts.channels.webhook_body import webhook_body
from llm_analytics_hub.clock import SystemClock

PAGE = (Path(__file__).parents[2] / "docs/alert-channels.md").read_text("utf-8")


class Alerts(pydantic.BaseModel):
    """The branch of the settings that the page is about."""

    model_config = pydantic.ConfigDict(extra="forbid")
    link_url: LinkTemplate = ""
    channels: dict[ChannelName, ChannelSettings] = {}


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("block", blocks("yaml"))
def test_the_settings_are_settings(block: str) -> None:
    read = Alerts(**yaml.safe_load(block)["alerts"])
    assert read.channels
    open_channels(read.channels, SystemClock(), CollectorRegistry()).close()


def test_the_body_has_the_members_that_are_shown() -> None:
    (block,) = blocks("json")
    documented, sent = json.loads(block), json.loads(webhook_body("on-call", notice(alert())))
    assert list(documented) == list(sent)
    assert list(documented["alerts"][0]) == list(sent["alerts"][0])


def test_the_check_of_the_signature_checks() -> None:
    (block,) = blocks("python")
    known: dict[str, Any] = {}
    exec(block, known)  # noqa: S102 - our own page
    header = signature(SECRET, b"body", datetime.now(UTC))
    old = signature(SECRET, b"body", datetime.fromtimestamp(time.time() - 900, UTC))
    assert known["is_genuine"](SECRET.encode(), header, b"body")
    assert not known["is_genuine"](SECRET.encode(), header, b"other")
    assert not known["is_genuine"](b"another-secret", header, b"body")
    assert not known["is_genuine"](SECRET.encode(), old, b"body")


def test_every_name_filter_and_metric_is_told() -> None:
    text = re.sub(r"^```.*?^```", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    told = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`([^`]+)`", text))))
    filters = {name for name in _TEXT.filters if not name.startswith("_")}
    metrics = CollectorRegistry()
    ChannelMetrics(metrics)
    named = {family.name for family in metrics.collect()}
    wanted = ANNOTATION_NAMES | MESSAGE_NAMES | set(shown(alert())) | filters
    assert wanted - told == set()
    assert {name for name in named if name not in PAGE} == set()
