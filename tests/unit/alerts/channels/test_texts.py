"""Alerts get their labels, texts and links; messages say all that matters."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from llm_analytics_hub.alerts.channels.default_texts import BODY, HTML, TITLE
from llm_analytics_hub.alerts.channels.filling import check_template
from llm_analytics_hub.alerts.channels.messages import (
    LONGEST_TITLE,
    MESSAGE_NAMES,
    MOST_LISTED,
    MessageTemplates,
    Writer,
    message_values,
)
from llm_analytics_hub.alerts.channels.metrics import ChannelMetrics
from llm_analytics_hub.alerts.channels.numbers import humanised
from llm_analytics_hub.alerts.channels.templates import (
    ANNOTATION_NAMES,
    LONGEST_ANNOTATION,
    Texts,
    annotation_values,
)
from llm_analytics_hub.model.alerts.alert import Alert, Phase, Told
from llm_analytics_hub.model.alerts.labels import labels_of
from llm_analytics_hub.model.alerts.levels import Level, Side, Threshold
from llm_analytics_hub.model.alerts.routing import Cause, Notice
from llm_analytics_hub.model.alerts.rule import (
    Against,
    AnomalyCondition,
    ChangeCondition,
    Condition,
    Direction,
    HealthCondition,
    Rule,
    ThresholdCondition,
    Watched,
)

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)
LINK = "https://hub.example/alerts/{fingerprint}?rule={rule}"
CONDITION = ThresholdCondition(
    Watched("latency_ms_p95", ("model",)),
    (Threshold(Level.CRITICAL, Side.ABOVE, 5000.0), Threshold(Level.WARNING, Side.ABOVE, 2000.0)),
)
ALERT = Alert(
    "acme", "slow calls", labels_of({"model": "gpt-4o"}), Phase.FIRING, NOW, Level.WARNING, 2345.6,
    began=NOW - timedelta(minutes=3),
)  # fmt: skip


def rule(**annotations: str) -> Rule:
    return Rule(
        "acme", "slow calls", 1, "threshold", CONDITION,
        labels=labels_of({"team": "ml"}), annotations=labels_of(annotations),
    )  # fmt: skip


@pytest.fixture
def metrics() -> ChannelMetrics:
    return ChannelMetrics(CollectorRegistry())


@pytest.fixture
def texts(metrics: ChannelMetrics) -> Texts:
    return Texts(LINK, metrics)


def test_an_alert_is_told_with_all_its_labels_and_its_link(texts: Texts) -> None:
    told = texts.told(rule(), ALERT)
    assert dict(told.labels) == {
        "model": "gpt-4o", "team": "ml", "alertname": "slow calls", "severity": "warning",
    }  # fmt: skip
    assert told.unit == "ms"
    assert told.url == f"https://hub.example/alerts/{ALERT.fingerprint}?rule=slow%20calls"
    assert told.annotations == {
        "summary": "slow calls of model=gpt-4o, team=ml: 2.35 s (limit 2 s)"
    }


def test_annotations_are_filled_in(texts: Texts) -> None:
    told = texts.told(
        rule(
            summary="{{ labels.model }}: {{ value }} > {{ limit }} ({{ level }}) since {{ since }}",
            description="{{ alert }} {{ number|round }} {{ unit }} {{ url }}",
            runbook_url="https://runbooks.example/{{ labels.model|urlencode }}",
        ),
        ALERT,
    )
    assert told.annotations == {
        "summary": "gpt-4o: 2.35 s > 2 s (warning) since 2026-11-22 11:57:00 UTC",
        "description": f"slow calls 2346.0 ms {told.url}",
        "runbook_url": "https://runbooks.example/gpt-4o",
    }


def test_what_a_detector_says_goes_before_what_the_rule_says(texts: Texts) -> None:
    detail = (("limit", "0.05"), ("unit", "ratio"), ("usual", "0.01"))
    told = texts.told(
        rule(summary="{{ value }}, limit {{ limit }}, usually {{ usual }}"),
        replace(ALERT, value=0.123, detail=detail),
    )
    assert told.annotations["summary"] == "12.3 %, limit 5 %, usually 1 %"


WATCHED = CONDITION.watched
OVER_3 = (Threshold(Level.WARNING, Side.ABOVE, 3.0),)


@pytest.mark.parametrize(
    ("condition", "limit"),
    [
        (CONDITION, "3 ms"),
        (ChangeCondition(WATCHED, Against.PREVIOUS_DAY, OVER_3), "a change of 300 %"),
        (ChangeCondition(WATCHED, Against.PREVIOUS_DAY, OVER_3, True), "a change of 3 ms"),
        (
            AnomalyCondition(WATCHED, OVER_3, Direction.UP, timedelta(days=7), 2.0),
            "a score of 3",
        ),
        (HealthCondition("cpu", OVER_3), "3 ms"),
    ],
)
def test_a_limit_has_the_unit_of_what_is_compared(
    texts: Texts, condition: Condition, limit: str
) -> None:
    one = replace(rule(summary="{{ value }}, {{ limit }}"), condition=condition)
    told = texts.told(one, replace(ALERT, detail=(("limit", "3"), ("unit", "ms"))))
    assert (told.limit, told.annotations["summary"]) == (limit, f"2.35 s, {limit}")
    if condition not in (CONDITION, HealthCondition("cpu", OVER_3)):
        bare = texts.told(one, ALERT)
        assert (bare.unit, bare.limit) == ("ms", limit)


def test_what_else_is_known_is_told(texts: Texts, metrics: ChannelMetrics) -> None:
    detail = (
        ("event_id", "e1"),
        ("limit", "3"),
        ("measure", "m"),
        ("unit", "ms"),
        ("usual", "900"),
    )
    told = texts.told(rule(), replace(ALERT, detail=detail))
    message = Writer("a", MessageTemplates(), metrics).message(notice(told), with_html=True)
    for text in (message.text, message.html):
        assert "Usual: 900 ms" in text
        assert "Event id: e1" in text
        assert "Measure" not in text


@pytest.mark.parametrize(
    ("changes", "summary"),
    [
        ({"phase": Phase.NO_DATA, "value": None}, "no data"),
        ({"value": None, "count": 7}, "7 events"),
        ({"value": None, "phase": Phase.RESOLVED}, "resolved"),
    ],
)
def test_without_a_summary_there_is_a_plain_one(
    texts: Texts, changes: dict[str, object], summary: str
) -> None:
    told = texts.told(rule(), replace(ALERT, **changes))  # type: ignore[arg-type]
    assert told.annotations["summary"] == f"slow calls of model=gpt-4o, team=ml: {summary}"


def test_a_template_that_fails_gives_a_plain_text_and_is_counted(
    texts: Texts, metrics: ChannelMetrics
) -> None:
    broken = rule(summary="{{ labels.x.y }}", description="{{ range(1) }}", other="fine")
    with capture_logs() as logs:
        for _ in range(3):
            told = texts.told(broken, ALERT)
    assert set(told.annotations) == {"summary", "other"}
    assert told.annotations["summary"].endswith("2.35 s (limit 2 s)")
    assert metrics.template_errors.labels("annotation")._value.get() == 6
    assert [(one["rule"], one["annotation"]) for one in logs] == [
        ("slow calls", "description"), ("slow calls", "summary"),
    ]  # fmt: skip


def test_an_annotation_has_an_end(texts: Texts) -> None:
    told = texts.told(rule(summary="{{ labels.model }}" + "x" * 9000), ALERT)
    assert len(told.annotations["summary"]) == LONGEST_ANNOTATION


def test_the_names_that_are_promised_are_given(texts: Texts) -> None:
    assert set(annotation_values(rule(), ALERT, {}, None, "")) == ANNOTATION_NAMES
    assert set(message_values(notice(texts.told(rule(), ALERT)))) == MESSAGE_NAMES
    for template in (TITLE, BODY, HTML):
        check_template(template, MESSAGE_NAMES)


def notice(*firing: Told, **changes: object) -> Notice:
    made = Notice("acme", "k", "on-call", (("team", "ml"),), Cause.NEW, NOW, firing)
    return replace(made, **changes)  # type: ignore[arg-type]


def test_a_flood_is_told_in_few_words(texts: Texts, metrics: ChannelMetrics) -> None:
    told = texts.told(rule(), ALERT)
    message = Writer("a", MessageTemplates(), metrics).message(
        notice(*[told] * 100, left_out=9900), with_html=True
    )
    assert message.title == "WARNING: slow calls, team=ml (100 firing, 9900 more)"
    assert message.text.count("Value: 2.35 s") == MOST_LISTED
    assert "And 9980 more that are not listed." in message.text
    assert "And 9980 more that are not listed." in message.html


def test_a_title_is_one_line_with_an_end(metrics: ChannelMetrics) -> None:
    writer = Writer("a", MessageTemplates(title="a\n\n{{ route }}" + "b" * 999), metrics)
    title = writer.message(notice(resolved=(Told(ALERT, ()),))).title
    assert title.startswith("a on-callb")
    assert len(title) == LONGEST_TITLE


@pytest.mark.parametrize(
    ("cause", "ending"), [(Cause.TEST, "(test)"), (Cause.ESCALATED, "(nobody acknowledged)")]
)
def test_the_title_says_what_is_special(
    texts: Texts, metrics: ChannelMetrics, cause: Cause, ending: str
) -> None:
    told = texts.told(rule(), ALERT)
    title = Writer("a", MessageTemplates(), metrics).message(notice(told, cause=cause)).title
    assert title.endswith(ending)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (None, "ms", "unknown"), (0.1234, "ratio", "12.3 %"), (1.0, "ratio", "100 %"),
        (12.3, "USD", "$12.30"), (-0.001, "USD", "-$0.001"), (4_560_000, "USD", "$4.56M"),
        (250, "ms", "250 ms"), (90_000, "ms", "1.5 min"), (0.5, "s", "500 ms"),
        (3 << 20, "bytes", "3 MiB"), (12_300, "tokens", "12.3k tokens"), (999_999, None, "1M"),
        (1234, None, "1,234"), (0, None, "0"), (float("inf"), None, "inf"), (float("nan"), "ms", "nan ms"),
    ],
)  # fmt: skip
def test_a_value_is_told_with_its_unit(value: float | None, unit: str | None, text: str) -> None:
    assert humanised(value, unit) == text
