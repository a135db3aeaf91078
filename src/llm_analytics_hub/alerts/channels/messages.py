"""What people read: a title and a body for one notice, as text and as HTML."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import structlog

from llm_analytics_hub.alerts.channels.default_texts import BODY, HTML, TITLE
from llm_analytics_hub.alerts.channels.filling import read_template
from llm_analytics_hub.alerts.channels.metrics import ChannelMetrics
from llm_analytics_hub.alerts.channels.numbers import humanised, humanised_text
from llm_analytics_hub.alerts.channels.template_faults import TemplateFaultError
from llm_analytics_hub.alerts.channels.templates import written
from llm_analytics_hub.model.alerts.alert import Told
from llm_analytics_hub.model.alerts.levels import GRAVEST_FIRST, Level
from llm_analytics_hub.model.alerts.routing import Notice

log = structlog.get_logger(__name__)

MESSAGE_NAMES = frozenset({
    "cause", "firing", "firing_count", "group", "left_out", "level", "resolved", "resolved_count",
    "route", "status", "tenant", "total", "url",
})  # fmt: skip
"""What the templates of a channel may ask for."""

_SAID = frozenset({"limit", "measure", "unit"})
_OF_THE_UNIT = frozenset({"usual", "before", "spent"})
"""What detectors tell in the unit of the value."""

MOST_LISTED = 20
"""Alerts of a message for people; how many more there are is told."""

LONGEST_TITLE = 200


@dataclass(frozen=True)
class Message:
    """What is sent to people. `html` is empty where it was not asked for."""

    title: str
    text: str
    html: str = ""


@dataclass(frozen=True)
class MessageTemplates:
    """The templates of one channel; empty for the ones the hub brings along."""

    title: str = ""
    body: str = ""
    html: str = ""


class Writer:
    """Writes the messages of one channel."""

    def __init__(self, channel: str, templates: MessageTemplates, metrics: ChannelMetrics) -> None:
        self._channel = channel
        self._templates = templates
        self._metrics = metrics

    def prepare(self, *, with_html: bool = False) -> None:
        """Read the templates."""
        own = self._templates
        for source in (own.title or TITLE, own.body or BODY):
            read_template(source)
        if with_html:
            read_template(own.html or HTML, is_html=True)

    def message(self, notice: Notice, *, with_html: bool = False) -> Message:
        """The message; where a template fails, it is counted, and the hub's own is used."""
        values, own = message_values(notice), self._templates
        title = " ".join(self._filled("title", own.title, TITLE, values).split())
        text = self._filled("body", own.body, BODY, values).strip()
        html = self._filled("html", own.html, HTML, values, is_html=True) if with_html else ""
        return Message(title[:LONGEST_TITLE], text, html)

    def _filled(
        self, name: str, own: str, default: str, values: Mapping[str, object], is_html: bool = False
    ) -> str:
        try:
            return read_template(own or default, is_html=is_html).fill(values)
        except TemplateFaultError as error:
            self._metrics.template_errors.labels(name).inc()
            said = error.message[:300]
            log.warning("template failed", channel=self._channel, template=name, error=said)
        return read_template(default, is_html=is_html).fill(values)


def message_values(notice: Notice) -> Mapping[str, object]:
    """What the templates of a channel are given, by `MESSAGE_NAMES`."""
    listed = notice.firing[:MOST_LISTED]
    over = notice.resolved[: MOST_LISTED - len(listed)]
    all_told = (*notice.firing, *notice.resolved)
    return {
        "status": "firing" if notice.firing else "resolved",
        "firing": [shown(one) for one in listed], "firing_count": len(notice.firing),
        "resolved": [shown(one) for one in over], "resolved_count": len(notice.resolved),
        "left_out": notice.left_out + len(all_told) - len(listed) - len(over),
        "group": dict(notice.group_labels), "route": notice.route, "cause": notice.cause.value,
        "tenant": notice.tenant, "total": len(all_told) + notice.left_out, "level": gravest(notice.firing or notice.resolved),
        "url": next((one.url for one in all_told if one.url), ""),
    }  # fmt: skip


def gravest(alerts: Sequence[Told]) -> str:
    """The gravest level of these alerts; empty where none has one."""
    levels = {one.alert.level for one in alerts}
    return next((level.value for level in GRAVEST_FIRST if level in levels), "")


def is_grave(notice: Notice) -> bool:
    """Whether something critical goes on."""
    return gravest(notice.firing) == Level.CRITICAL


def shown(told: Told) -> Mapping[str, object]:
    """One alert as templates see it; `value` and `limit` have their units."""
    alert = told.alert
    labels = {k: v for k, v in told.labels if k not in ("alertname", "severity")}
    runbook = told.annotations.get("runbook_url", "")
    return {
        "alert": alert.rule, "level": alert.level.value if alert.level else "",
        "phase": alert.phase.value, "labels": labels, "annotations": told.annotations,
        "summary": told.annotations.get("summary", alert.rule),
        "description": told.annotations.get("description", ""),
        # A link in a mail is pressed: only what leads to a page.
        "runbook": runbook if runbook.startswith(("http://", "https://")) else "",
        "url": told.url, "value": humanised(alert.value, told.unit) if alert.value is not None else "",
        "limit": told.limit, "facts": facts(told), "count": alert.count,
        "since": written(alert),
        "until": alert.resolved.strftime("%Y-%m-%d %H:%M:%S UTC") if alert.resolved else "",
    }  # fmt: skip


def facts(told: Told) -> Mapping[str, str]:
    """What else is known of an alert, such as what is usual: `{"usual": "1.2 s", "score": "4.5"}`."""
    return {
        name.replace("_", " "): humanised_text(text, told.unit) if name in _OF_THE_UNIT else text
        for name, text in told.alert.detail
        if name not in _SAID
    }
