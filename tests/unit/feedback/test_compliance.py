"""Reports of any decisions: what a count by hand says, and what the query engine says."""

import json
import os
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.bootstrap import Hub, open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.feedback.compliance import ComplianceReports
from llm_analytics_hub.feedback.periods import Period, before, last_complete
from llm_analytics_hub.ingest.submission import Submission
from llm_analytics_hub.integrations.native import decode_native
from llm_analytics_hub.integrations.policy_engine import POLICY_ENGINE
from llm_analytics_hub.settings import Settings

NOW = datetime(2025, 11, 19, 10, 7, 3, tzinfo=UTC)
START = datetime(2025, 11, 19, 8, tzinfo=UTC)
SEVERITIES = {"info": "info", "warning": "medium", "error": "high", "critical": "critical"}

decisions = st.lists(
    st.tuples(
        st.integers(0, 120 * 60 - 1),
        st.sampled_from(["pii-guard", "rate", "none"]),
        st.sampled_from(["policy_allow", "policy_deny"]),
        st.lists(st.tuples(st.sampled_from(sorted(SEVERITIES)), st.booleans()), max_size=2),
    ),
    max_size=12,
)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One engine for all examples; each has a tenant of its own."""
    folder = tmp_path_factory.mktemp("compliance") / "data"
    opened = open_hub(Settings(data_dir=folder), ManualClock(NOW))
    yield opened
    opened.close()


def document(number: int, seconds: int, policy: str, word: str, held: Any) -> dict[str, Any]:
    return {
        "event_id": f"d{number}",
        "decision_type": "policy_enforcement_decision",
        "outputs": {"decision": word, "matched_policies": [policy]},
        "constraints_applied": [{"severity": name, "satisfied": is_kept} for name, is_kept in held],
        "execution_ref": {"request_id": f"r{number}"},
        "timestamp": (START + timedelta(seconds=seconds)).isoformat(),
    }


def is_violation(row: Any) -> bool:
    _, _, word, held = row
    return word == "policy_deny" or not all(is_kept for _, is_kept in held)


@given(rows=decisions)
@settings(max_examples=20)
def test_a_report_counts_as_one_counts_by_hand(hub: Hub, rows: list[Any]) -> None:
    tenant = f"t{os.urandom(8).hex()}"
    body = json.dumps([document(number, *row) for number, row in enumerate(rows)]).encode()
    decoded = decode_native(POLICY_ENGINE, body, "application/json", NOW)
    hub.intake.submit(Submission(tenant, "test", decoded, source="policy-engine")).result()
    report: Any = ComplianceReports(hub.queries, hub.clock).report(
        tenant, last_complete(Period.HOUR, NOW)
    )
    last = [row for row in rows if row[0] >= 3600]
    broken = [row for row in last if is_violation(row)]
    metrics = report["metrics"]
    assert metrics["totalEvaluations"] == len(last)
    assert metrics["violations"] == len(broken)
    assert metrics["compliantRequests"] == len(last) - len(broken)
    names = {"pii-guard": "piiGuard", "rate": "rate", "none": "unknown"}
    assert metrics["violationsByType"] == Counter(names[row[1]] for row in broken)
    earlier = sum(is_violation(row) for row in rows if row[0] < 3600)
    change = report["trends"]["violationRateChange"]
    assert change == (pytest.approx(len(broken) / earlier - 1, abs=1e-6) if earlier else None)


def test_a_period_ends_where_the_next_begins() -> None:
    for period, start, end in (
        (Period.FIVE_MINUTES, "2025-11-19T10:00:00+00:00", "2025-11-19T10:05:00+00:00"),
        (Period.HOUR, "2025-11-19T09:00:00+00:00", "2025-11-19T10:00:00+00:00"),
        (Period.DAY, "2025-11-18T00:00:00+00:00", "2025-11-19T00:00:00+00:00"),
    ):
        span = last_complete(period, NOW)
        assert (span.start.isoformat(), span.end.isoformat()) == (start, end)
        assert last_complete(period, span.end) == span
        assert before(span).end == span.start
        assert before(span).start == span.start - (span.end - span.start)
