from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.normalize.raw_columns import raw_columns

WANTED = frozenset({"a", "b", "c"})
ROW = st.dictionaries(st.sampled_from("abcxyz"), st.integers(0, 9), max_size=5)


@given(st.lists(ROW))
def test_columns_hold_what_the_rows_hold(rows: list[dict[str, Any]]) -> None:
    turned = raw_columns(rows, WANTED)
    assert turned.columns.keys() == WANTED & frozenset().union(*rows)
    for name, column in turned.columns.items():
        assert list(column) == [row.get(name) for row in rows]
    assert turned.has_others == any(row.keys() - WANTED for row in rows)


def test_rows_of_equal_size_and_other_members_are_not_confused() -> None:
    turned = raw_columns([{"a": 1, "x": 2}, {"a": 3, "b": 4}], WANTED)
    assert turned.columns == {"a": (1, 3), "b": (None, 4)}


def test_members_made_up_for_every_row_cost_no_columns() -> None:
    rows = [{"a": row} | {f"made-up-{row}-{number}": 1 for number in range(9)} for row in range(9)]
    assert raw_columns(rows, WANTED).columns == {"a": tuple(range(9))}
