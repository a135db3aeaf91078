"""What rules would have said of the past, as JSON."""

from datetime import timedelta

from llm_analytics_hub.alerts.backtest import Report, RuleReport
from llm_analytics_hub.alerts.replay import Firing
from llm_analytics_hub.alerts.rules.spans import span_text
from llm_analytics_hub.api.alerts.work.shown import Json, maybe_moment, moment

MOST_FIRINGS = 1_000
"""Of a rule that are listed."""


def shown_report(report: Report, step: timedelta, named: set[str]) -> Json:
    """What the rules of these names would have said."""
    return {
        "time_range": {
            "from": moment(report.time_range.start),
            "to": moment(report.time_range.end),
        },
        "step": span_text(step),
        "moments": report.moments,
        "questions": report.questions,
        "rules": [_rule(one) for one in report.rules if one.rule.name in named],
    }


def _rule(one: RuleReport) -> Json:
    listed = one.firings[:MOST_FIRINGS]
    return {
        "name": one.rule.name,
        "kind": one.rule.kind,
        "error": one.error,
        "notices": one.notices,
        "firings": [_firing(firing) for firing in listed],
        "left_out": len(one.firings) - len(listed),
    }


def _firing(one: Firing) -> Json:
    return {
        "labels": dict(one.labels),
        "state": one.phase.value,
        "severity": one.level.value if one.level else None,
        "fired": moment(one.fired),
        "resolved": maybe_moment(one.resolved),
        "value": one.value,
        "detail": dict(one.detail),
        "count": one.count,
        "notices": one.notices,
    }
