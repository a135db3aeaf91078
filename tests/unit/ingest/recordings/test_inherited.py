"""Every recording by order of arrival: a call has the user and session of its nearest ancestor."""

from collections.abc import Mapping

import pytest

from .recorded import CASES, Row, rows_of, truth_of
from .test_counted_once import ORDERS, stored

pytestmark = pytest.mark.skipif(
    not CASES, reason="the recordings (../shared/otlp beside the repository) are not here"
)

ON_AN_ANCESTOR = ("langfuse-v3/openai-dropin", "strands/agent-nested")


def nearest(row: Row, name: str, spans: Mapping[str, Row]) -> object:
    """What `row` or the first of its ancestors says; the plain way, against the hub's quick one."""
    if row.get(name) is not None:
        return row[name]
    parent = spans.get(row.get("parent_span_id") or "")
    return None if parent is None else nearest(parent, name, spans)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("case", CASES)
def test_a_call_is_of_the_user_and_session_of_its_nearest_ancestor(case: str, order: str) -> None:
    spans = {str(row["span_id"]): row for row in rows_of(case)}
    sent = {row["event_id"]: row for row in spans.values()}
    for call in stored(case, order):
        for name in ("user_id", "session_id"):
            expected = nearest(sent.get(call["event_id"], call), name, spans)
            assert expected is None or call[name] == expected


@pytest.mark.parametrize("case", ON_AN_ANCESTOR)
def test_what_a_script_set_on_an_ancestor_comes_to_every_call(case: str) -> None:
    script = truth_of(case)["set_by_script"]
    for order in ORDERS:
        people = {(call["user_id"], call["session_id"]) for call in stored(case, order)}
        assert people == {(script["user_id"], script["session_id"])}
