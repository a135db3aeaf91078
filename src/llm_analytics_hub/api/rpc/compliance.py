"""A report of compliance as an event: in the documents' envelope, with the members of their example.

It is a report on evaluations, not one more of them: no measure of compliance counts it.
"""

from datetime import datetime
from typing import Any

import msgspec

from llm_analytics_hub.errors import InvalidInputError

REPORTED, REPORTER = "compliance.reported", "policy-engine"

Json = dict[str, Any]

_COUNTS = {
    "total_evaluations": "totalEvaluations",
    "compliant_requests": "compliantRequests",
    "violations": "violations",
    "compliance_rate": "complianceRate",
}
_MAPS = {
    "violations_by_type": "violationsByType",
    "violations_by_severity": "violationsBySeverity",
}
_TRENDS = {
    "compliance_rate_change": "complianceRateChange",
    "violation_rate_change": "violationRateChange",
}


def report_body(report: Any, received_at: datetime) -> bytes:
    """A ComplianceMetrics as the JSON of an event; of its arrival's time if it says none.

    Raises: InvalidInputError without an id.
    """
    if not report.report_id:
        text = "report_id: a report has one: it is how a repeat is known"
        raise InvalidInputError(text, code="missing_field")
    metrics = _said(report, _COUNTS)
    metrics |= {name: dict(getattr(report, ours)) for ours, name in _MAPS.items()}
    span = report.time_range
    data: Json = {"reportId": report.report_id, "metrics": metrics}
    data |= {"timeRange": {"start": span.start, "end": span.end}} if span.ByteSize() else {}
    data |= {"trends": trends} if (trends := _said(report, _TRENDS)) else {}
    event: Json = {
        "event_id": report.report_id,
        "source": REPORTER,
        "stream": "governance",
        "event_type": REPORTED,
        "occurred_at": report.timestamp or received_at,
        "attributes": data,
    }
    return msgspec.json.encode(event)


def _said(report: Any, names: dict[str, str]) -> Json:
    return {name: getattr(report, ours) for ours, name in names.items() if report.HasField(ours)}
