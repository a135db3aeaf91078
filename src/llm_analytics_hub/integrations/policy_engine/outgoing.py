"""What the hub tells the policy engine: the compliance metrics report, in the documents' shape.

The engine has no endpoint for it yet. Its sums agree, or the report is not made.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.writing import in_milliseconds, report_id, time_range

Json = dict[str, object]

SEVERITIES = ("critical", "high", "medium", "low")
"""Those the documents name, there even if 0; the hub's others follow where there are any."""

_DIGITS = 6


@dataclass(frozen=True)
class Compliance:
    """Evaluations of a period, and those of them that were violations, counted in two ways.

    `evaluations` None: unknown, as where more violations were told than evaluations. `allowed`: how
    many evaluations allowed; None where they were not counted apart.
    """

    evaluations: int | None
    by_type: Mapping[str, int]
    by_severity: Mapping[str, int]
    allowed: int | None = None

    @property
    def violations(self) -> int:
        """How many evaluations found a violation."""
        return sum(self.by_type.values())

    @property
    def compliant(self) -> int | None:
        """Evaluations without a violation, of those that allowed; None where they are unknown."""
        if self.evaluations is None:
            return None
        clean = self.evaluations - self.violations
        return clean if self.allowed is None else min(clean, self.allowed)

    @property
    def rate(self) -> float | None:
        """The ratio of compliant evaluations; None where there was none, or they are unknown."""
        compliant = self.compliant
        return compliant / self.evaluations if self.evaluations and compliant is not None else None


def compliance_report(
    start: datetime, end: datetime, found: Compliance, now: datetime, before: Compliance | None = None
) -> Json:  # fmt: skip
    """The report of a period; `before` is what was found in the one of equal length before it.

    complianceRateChange = rate - rate before, a difference of ratios; violationRateChange =
    violations / violations before - 1. Both are null where they are unknown, as is the rate of no
    evaluation. Ratios have six digits. Types are written in camel case.
    Raises: InvalidInputError, code `sums_disagree`.
    """
    _check(found)
    return {
        "reportId": report_id("rep", end),
        "timestamp": in_milliseconds(now),
        "timeRange": time_range(start, end),
        "metrics": {
            "totalEvaluations": found.evaluations,
            "compliantRequests": found.compliant,
            "violations": found.violations,
            "complianceRate": _rounded(found.rate),
            "violationsByType": _by_type(found.by_type),
            "violationsBySeverity": _by_severity(found.by_severity),
        },
        "trends": {
            "complianceRateChange": _rate_change(found, before),
            "violationRateChange": _violation_change(found, before),
        },
    }


def _check(found: Compliance) -> None:
    by_severity = sum(found.by_severity.values())
    most = by_severity if found.evaluations is None else found.evaluations
    if not found.violations == by_severity <= most:
        text = (
            f"{found.violations} violations by type, {by_severity} by severity, "
            f"{found.evaluations} evaluations"
        )
        raise InvalidInputError(text, code="sums_disagree")


def _by_type(counts: Mapping[str, int]) -> dict[str, int]:
    named: dict[str, int] = {}
    for name, count in counts.items():
        camel = _camel(name)
        named[camel] = named.get(camel, 0) + count
    return named


def _camel(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+([A-Za-z0-9])", lambda found: found[1].upper(), name)


def _by_severity(counts: Mapping[str, int]) -> dict[str, int]:
    others = {name: count for name, count in counts.items() if count}
    return {name: counts.get(name, 0) for name in SEVERITIES} | others


def _rate_change(found: Compliance, before: Compliance | None) -> float | None:
    if before is None or found.rate is None or before.rate is None:
        return None
    return _rounded(found.rate - before.rate)


def _violation_change(found: Compliance, before: Compliance | None) -> float | None:
    if before is None or not before.violations:
        return None
    return _rounded(found.violations / before.violations - 1)


def _rounded(ratio: float | None) -> float | None:
    return None if ratio is None else round(ratio, _DIGITS)
