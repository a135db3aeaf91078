from datetime import date
from typing import Any

import pyarrow as pa

from llm_analytics_hub.model.event import CONTENT_SCHEMA, EVENT_SCHEMA
from llm_analytics_hub.normalize.contents import to_contents

LONG = "a text of some length " * 10


def events(*expiries: date) -> pa.RecordBatch:
    rows: list[dict[str, Any]] = [{"tenant": "t", "expires_on": day} for day in expiries]
    return pa.RecordBatch.from_pylist(rows, EVENT_SCHEMA)


def test_equal_contents_are_kept_once_and_as_long_as_the_last_needs_them() -> None:
    contents, faults = to_contents([{"input": LONG}, None, {"input": LONG}, {}, LONG])
    assert faults == []
    assert contents.ids.is_valid().to_pylist() == [True, False, True, False, True]
    assert contents.ids[0] == contents.ids[2] != contents.ids[4]
    rows = contents.rows(events(date(2026, 1, 9), date(2026, 1, 2), date(2026, 1, 5)), [0, 2, 1])
    assert rows.schema == CONTENT_SCHEMA
    assert rows["tenant"].to_pylist() == ["t", "t"]
    assert rows["expires_on"].to_pylist() == [date(2026, 1, 9)] * 2
    assert contents.ids[0].as_py() in rows["content_id"].to_pylist()
    assert f'"{LONG}"' in rows["body"].to_pylist()


def test_contents_of_refused_events_leave_nothing() -> None:
    contents, _ = to_contents([{"input": LONG}, {"input": "b"}])
    rows = contents.rows(events(date(2026, 1, 2)), [1])
    assert rows["content_id"].to_pylist() == [contents.ids[1].as_py()]
    assert contents.rows(events(), []).num_rows == 0


def test_contents_that_are_no_json_are_refused_alone() -> None:
    contents, faults = to_contents(["a", {"b": "\ud800"}, {"b": {"\ud800": 1}}, "c"])
    assert contents.ids.is_valid().to_pylist() == [True, False, False, True]
    assert [(fault.row, fault.code) for fault in faults] == [
        (1, "invalid_content"),
        (2, "invalid_content"),
    ]
