"""Alerts with all their labels and texts, as people and other programs are told of them."""

from collections.abc import Mapping
from typing import Annotated
from urllib.parse import quote, urlsplit

import structlog
from pydantic import AfterValidator

from llm_analytics_hub.alerts.channels.filling import read_template
from llm_analytics_hub.alerts.channels.metrics import ChannelMetrics
from llm_analytics_hub.alerts.channels.numbers import humanised, humanised_text
from llm_analytics_hub.alerts.channels.template_faults import TemplateFaultError
from llm_analytics_hub.alerts.channels.watched_units import limit_of, unit_of
from llm_analytics_hub.model.alerts.alert import Alert, Phase, Told
from llm_analytics_hub.model.alerts.labels import Labels, labels_of
from llm_analytics_hub.model.alerts.rule import Rule

log = structlog.get_logger(__name__)

ANNOTATION_NAMES = frozenset({
    "alert", "count", "detail", "labels", "level", "limit", "number", "phase", "rule", "since",
    "tenant", "unit", "url", "usual", "value",
})  # fmt: skip
"""What the templates of a rule's annotations may ask for."""

LONGEST_ANNOTATION = 4000
"""Characters; the rest is cut."""

MOST_LOGGED = 10_000
"""Faults of templates that are remembered as logged."""

_PLACES = ("tenant", "rule", "fingerprint")


def _checked(template: str) -> str:
    shown = _filled_link(template, dict.fromkeys(_PLACES, "x")) if template else "http://none"
    parts = urlsplit(shown)
    if parts.scheme not in ("http", "https") or not parts.hostname or "{" in shown:
        places = ", ".join(f"{{{name}}}" for name in _PLACES)
        raise ValueError(f"must be http:// or https:// and a host; it may have {places}")
    return template


LinkTemplate = Annotated[str, AfterValidator(_checked)]
"""Where the page of an alert is: `https://hub.example/alerts/{fingerprint}`; empty for no link."""


class Texts:
    """Fills in what rules say of their alerts. Safe on any thread."""

    def __init__(self, link: str, metrics: ChannelMetrics) -> None:
        self._link = link
        self._metrics = metrics
        self._logged: set[tuple[str, str, int, str]] = set()

    def told(self, rule: Rule, alert: Alert) -> Told:
        """The alert with its labels, annotations and link; never raises for what a rule says.

        A `summary` is always there. An annotation whose template fails is left out, or is a plain
        sentence if it is the summary; it is counted, and logged with the rule's name.
        """
        unit, url = unit_of(rule, alert), self.url(alert)
        labels = shown_labels(rule, alert)
        values = annotation_values(rule, alert, dict(labels), unit, url)
        filled = {name: self._filled(rule, name, text, values) for name, text in rule.annotations}
        annotations = {name: text for name, text in filled.items() if text}
        annotations.setdefault("summary", plain_summary(values))
        return Told(alert, labels, annotations, unit, url, str(values["limit"]))

    def url(self, alert: Alert) -> str:
        """The alert's page; empty where none is set."""
        given = {"tenant": alert.tenant, "rule": alert.rule, "fingerprint": alert.fingerprint}
        return _filled_link(self._link, given)

    def _filled(self, rule: Rule, name: str, text: str, values: Mapping[str, object]) -> str:
        try:
            filled = read_template(text).fill(values).strip()
        except TemplateFaultError as error:
            self._metrics.template_errors.labels("annotation").inc()
            self._log_once(rule, name, error.message)
            return ""
        return filled[:LONGEST_ANNOTATION]

    def _log_once(self, rule: Rule, name: str, message: str) -> None:
        """One line for a template of a version of a rule: a flood of alerts is none of lines."""
        key = (rule.tenant, rule.name, rule.version, name)
        if key in self._logged:
            return
        if len(self._logged) >= MOST_LOGGED:
            self._logged.clear()
        self._logged.add(key)
        said = {"tenant": rule.tenant, "rule": rule.name, "annotation": name}
        log.warning("template failed", **said, error=message[:300])


def shown_labels(rule: Rule, alert: Alert) -> Labels:
    """The labels of the group and the rule, `alertname` and `severity`."""
    level = {"severity": alert.level.value} if alert.level else {}
    return labels_of({**dict(rule.labels), **dict(alert.labels), **level, "alertname": alert.rule})


def annotation_values(
    rule: Rule, alert: Alert, labels: Mapping[str, str], unit: str | None, url: str
) -> Mapping[str, object]:
    """What the templates of annotations are given, by `ANNOTATION_NAMES`."""
    detail = dict(alert.detail)
    return {
        "alert": alert.rule, "rule": alert.rule, "tenant": alert.tenant, "labels": labels,
        "detail": detail, "unit": unit or "", "url": url, "number": alert.value,
        "value": humanised(alert.value, unit), "limit": limit_of(rule, alert, unit),
        "usual": humanised_text(detail.get("usual", ""), unit), "count": alert.count,
        "level": alert.level.value if alert.level else "", "phase": alert.phase.value,
        "since": written(alert),
    }  # fmt: skip


def written(alert: Alert) -> str:
    """Since when the condition holds, to the second, in UTC."""
    return (alert.began or alert.fired or alert.since).strftime("%Y-%m-%d %H:%M:%S UTC")


def plain_summary(values: Mapping[str, object]) -> str:
    """A sentence that is true of every alert: `errors of model=x: 12.3 % (limit 5 %)`."""
    labels, phase = values["labels"], values["phase"]
    assert isinstance(labels, Mapping)  # noqa: S101 - for mypy
    group = ", ".join(
        f"{name}={value}" for name, value in labels.items() if name not in ("alertname", "severity")
    )
    of = f" of {group}" if group else ""
    return f"{values['alert']}{of}: {_state(values, str(phase))}"


def _state(values: Mapping[str, object], phase: str) -> str:
    if phase == Phase.NO_DATA:
        return "no data"
    limit = f" (limit {values['limit']})" if values["limit"] else ""
    if values["number"] is not None:
        return f"{values['value']}{limit}"
    return f"{values['count']} events" if values["count"] else phase


def _filled_link(template: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        place = f"{{{name}}}"
        if place in template:
            template = template.replace(place, quote(value, safe=""))
    return template
