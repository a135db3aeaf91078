from collections.abc import Callable

import pyarrow as pa
import pytest

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.normalize.column import (
    Fault,
    each,
    excerpt,
    float_column,
    integer_column,
    text_column,
)


def test_a_refused_row_is_none_and_a_fault() -> None:
    def halve(number: int) -> int:
        if number % 2:
            raise InvalidInputError("odd", code="odd_number")
        return number // 2

    assert each([4, 5, 6], halve) == ([2, None, 3], [Fault(1, "odd_number", "odd")])


@pytest.mark.parametrize(
    ("read", "good", "bad"),
    [
        (text_column, ["a", None], ["\ud800", b"\xff", 1, True, ["a"]]),
        (integer_column, [1, None], [2**63, True, 1.0, "1"]),
        (float_column, [1, 1.5, None], [2**53 + 1, 10**400, True, "1"]),
    ],
)
def test_a_column_holds_its_type_and_null_only(
    read: Callable[[list[object]], pa.Array | None], good: list[object], bad: list[object]
) -> None:
    column = read(good)
    assert column is not None
    assert column.to_pylist() == good
    assert [read([*good, value]) for value in bad] == [None] * len(bad)


@pytest.mark.parametrize(
    "value",
    ["x" * 10**6, "\ud800\n" * 50, 10**5000, {"a": "b" * 999}, [1] * 99],
    ids=["long text", "half surrogates", "huge integer", "object", "array"],
)
def test_an_excerpt_is_short_and_printable(value: object) -> None:
    assert len(excerpt(value)) < 300
    assert excerpt(value).isascii()
    assert excerpt(value).isprintable()
