"""The compliance report of a period: asked of the query engine, told in the documents' shape.

Evaluations are those the catalogue's `compliance_rate` is a ratio of: events of the stream `policy`
that are ok or denied. Violations are the measure `violations` in that stream. A denial is told
twice, as an evaluation and as the violation it stands for, and each is counted on its own side.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.feedback.periods import before
from llm_analytics_hub.feedback.questions import Questions, Row, same
from llm_analytics_hub.integrations.policy_engine.outgoing import Compliance, compliance_report
from llm_analytics_hub.model.query import TimeRange
from llm_analytics_hub.query.body import MAX_ROWS
from llm_analytics_hub.query.service import QueryService

Json = dict[str, object]

MAX_TYPES = 50
"""Types a report names; the violations of all others are `other`."""

OTHER, UNKNOWN = "other", "unknown"
_POLICY = same("stream", "policy")
_DETECTED = same("event_type", "violation.detected")
_TYPE = ("attributes.violation_type", "policy_id")
"""What says of which type a violation is, in the order of trust."""


class ComplianceReports:
    """Makes reports. Safe for many threads."""

    def __init__(self, queries: QueryService, clock: Clock) -> None:
        self._queries = queries
        self._clock = clock

    def report(self, tenant: str, span: TimeRange) -> Json:
        """The report of `span`, its trends against the period of equal length before it.

        Ratios; what is unknown is null. Raises: UnavailableError; InvalidQueryError when the budget
        of a question is used up.
        """
        found, earlier = self.compliance(tenant, span), self.compliance(tenant, before(span))
        return compliance_report(span.start, span.end, found, self._clock.now(), earlier)

    def compliance(self, tenant: str, span: TimeRange) -> Compliance:
        """What was evaluated in `span`, and found. Raises: as `report`."""
        asked = Questions(self._queries, tenant, span)
        events, told = _by_status(asked)
        groups = _violations(asked)
        total = max(told, sum(row["violations"] for row in groups))
        allowed = events["ok"]
        evaluations = allowed + events["denied"]
        return Compliance(
            evaluations=None if total > evaluations else evaluations,
            by_type=_largest(_summed(groups, _type, total, OTHER)),
            by_severity=_summed(groups, _severity, total, UNKNOWN),
            allowed=allowed,
        )


def _by_status(asked: Questions) -> tuple[Counter[str], int]:
    """Events of the stream by status, and how many of all of them are violations."""
    rows = asked.rows(["events", "violations"], [_POLICY], by=["status"])
    events = Counter({row["status"]: row["events"] for row in rows})
    return events, sum(row["violations"] for row in rows)


def _violations(asked: Questions) -> list[Row]:
    """Violations by type, policy and severity: the largest groups, where there are too many."""
    where = [_POLICY, _DETECTED]
    return asked.top(["violations"], where, by=[*_TYPE, "severity"], limit=MAX_ROWS)


def _type(row: Row) -> str:
    return next((str(row[name]) for name in _TYPE if row[name]), UNKNOWN)


def _severity(row: Row) -> str:
    return row["severity"] or UNKNOWN


def _summed(
    groups: Iterable[Row], name: Callable[[Row], str], total: int, rest: str
) -> Counter[str]:
    """Violations by name; `rest` are those of `total` that are in no group."""
    counts: Counter[str] = Counter()
    for row in groups:
        counts[name(row)] += row["violations"]
    missing = total - counts.total()
    return counts + Counter({rest: missing}) if missing else counts


def _largest(counts: Counter[str]) -> Counter[str]:
    kept = Counter(dict(counts.most_common(MAX_TYPES)))
    left = counts.total() - kept.total()
    return kept + Counter({OTHER: left}) if left else kept
