from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.normalize.timestamps import (
    UTC_MICROSECONDS,
    parse_timestamp,
    shift,
    to_utc_microseconds,
)

TEN = 1_763_546_400_000_000  # 2025-11-19T10:00:00Z
EARLIEST = 631_152_000_000_000  # 1990
LATEST = 7_258_118_400_000_000  # 2200
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

moments = st.integers(EARLIEST, LATEST - 1)


def rfc_3339(moment: int, digits: int = 6) -> str:
    seconds, fraction = divmod(moment * 1000 + 789, 10**9)
    text = (EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{fraction:09d}"[: 19 + (digits and digits + 1)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2025-11-19T10:00:00Z", TEN),
        ("2025-11-19t10:00:00z", TEN),
        ("2025-11-19T10:00:00.418903221Z", TEN + 418_903),
        ("2025-11-19T10:00:00.512003999+00:00", TEN + 512_003),
        ("2025-11-19T10:00:00.5Z", TEN + 500_000),
        ("2025-11-19T10:00:00.123Z", TEN + 123_000),
        ("2025-11-19T10:00:00.123456", TEN + 123_456),
        ("2025-11-19T10:00:00", TEN),
        ("2025-11-19T15:30:00+05:30", TEN),
        ("2025-11-19T02:00:00.25-08:00", TEN + 250_000),
        ("2025-11-19T15:30:00+0530", TEN),
        ("2025-11-19 11:00:00+01", TEN),
        ("2025-11-19 10:00:00.123456 UTC", TEN + 123_456),
        ("2025-11-19 10:00:00 UTC", TEN),
        ("2025-11-19T10:00Z", TEN),
        ("2025-11-19", TEN - 36_000_000_000),
        (" 2025-11-19T10:00:00Z\n", TEN),
        ('"2025-11-19T10:00:00.123Z"', TEN + 123_000),
        ("2016-12-31T23:59:60Z", 1_483_228_800_000_000),
        (1_763_546_400, TEN),
        (1_763_546_400_123, TEN + 123_000),
        (1_763_546_400_123_456, TEN + 123_456),
        (1_763_546_400_123_456_789, TEN + 123_456),
        ("1763546400", TEN),
        ("1763546400123", TEN + 123_000),
        ("1763546400123456789", TEN + 123_456),
        ("1763546400.123456", TEN + 123_456),
        ("1.7635464e9", TEN),
        (1763546400.123456, TEN + 123_456),
        (1763546400123.456, TEN + 123_456),
        (Decimal("1763546400.1234569"), TEN + 123_456),
        (datetime(2025, 11, 19, 10, tzinfo=UTC), TEN),
        (datetime(2025, 11, 19, 10), TEN),  # noqa: DTZ001  a zone-less moment is the case
        (datetime(2025, 11, 19, 11, tzinfo=timezone(timedelta(hours=1))), TEN),
        (date(2025, 11, 19), TEN - 36_000_000_000),
        (pa.scalar(TEN // 1000, pa.timestamp("ms")), TEN),
        (pa.scalar(TEN * 1000 + 999, pa.timestamp("ns", "UTC")), TEN),
    ],
    ids=repr,
)
def test_every_form_on_real_wires_is_read(value: object, expected: int) -> None:
    assert parse_timestamp(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        "", " ", "now", "2025-11-19T", "2025-02-29T00:00:00Z", "2025-11-19T24:00:00Z",
        "2025-11-19T10:00:00+24:00", "2025-11-19T10:00:00.Z", "19/11/2025", "1_763_546_400",
        "١٧٦٣٥٤٦٤٠٠", "NaN", '"', "\ud800", True, False, float("nan"), float("inf"),
        {}, [], ["2025-11-19"], b"2025-11-19T10:00:00Z", Decimal("NaN"),
    ],
)  # fmt: skip
def test_what_is_no_moment_is_invalid(value: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_timestamp(value)
    assert caught.value.code == "invalid_timestamp"


@pytest.mark.parametrize(
    "value",
    [
        0, -1, 20251119, 10**10, 10**30, 1e300, -0.5, "-0", "9e9999",
        "1989-12-31T23:59:59.999999999Z", "2200-01-01T00:00:00Z", "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:59", "2200-01-01T00:59:59+00:30", date.max, date.min,
    ],
)  # fmt: skip
def test_a_moment_outside_1990_to_2199_is_out_of_range(value: object) -> None:
    with pytest.raises(InvalidInputError) as caught:
        parse_timestamp(value)
    assert caught.value.code == "timestamp_out_of_range"


def test_an_integer_too_long_to_print_is_out_of_range() -> None:
    (fault,) = to_utc_microseconds([10**5000])[1]
    assert (fault.code, len(fault.message) < 80) == ("timestamp_out_of_range", True)


def test_a_bad_row_is_null_and_a_fault_and_costs_its_neighbours_nothing() -> None:
    column, faults = to_utc_microseconds(["2025-11-19T10:00:00Z", "x", None, 0, 1_763_546_400])
    assert column.type == UTC_MICROSECONDS
    assert column.cast(pa.int64()).to_pylist() == [TEN, None, None, None, TEN]
    assert [(fault.row, fault.code) for fault in faults] == [
        (1, "invalid_timestamp"),
        (3, "timestamp_out_of_range"),
    ]
    assert "'x'" in faults[0].message


@pytest.mark.parametrize("values", [[], [None], [None, "2025-11-19T10:00:00Z"], [None, 2**70]])
def test_the_column_is_as_long_as_its_values(values: list[object]) -> None:
    column, _ = to_utc_microseconds(values)
    assert (len(column), column.type) == (len(values), UTC_MICROSECONDS)


@given(moments, st.integers(0, 9))
def test_digits_below_a_microsecond_are_cut_not_rounded(moment: int, digits: int) -> None:
    unit = 10 ** max(6 - digits, 0)
    assert parse_timestamp(rfc_3339(moment, digits) + "Z") == moment // unit * unit


@given(moments, st.sampled_from([1, 10**3, 10**6, 10**9]), st.sampled_from([int, str, Decimal]))
def test_a_count_says_its_unit_by_its_size(moment: int, per_second: int, form: type) -> None:
    count = moment * per_second // 10**6
    assert parse_timestamp(form(count)) == count * 10**6 // per_second


@given(moments.map(lambda moment: moment / 10**6))
def test_float_seconds_mean_the_decimal_they_print_as(seconds: float) -> None:
    whole, _, fraction = repr(seconds).partition(".")
    assert parse_timestamp(seconds) == int(whole + fraction[:6].ljust(6, "0"))


@given(moments.map(lambda moment: EPOCH + timedelta(microseconds=moment)), st.timezones())
def test_a_datetime_and_its_text_are_one_moment(utc: datetime, zone: tzinfo) -> None:
    moment = utc.astimezone(zone)
    offset = moment.utcoffset() or timedelta()
    if offset % timedelta(minutes=1) == timedelta():  # RFC 3339 has no seconds in an offset
        assert parse_timestamp(moment.isoformat()) == parse_timestamp(moment)
    assert EPOCH + timedelta(microseconds=parse_timestamp(moment)) == utc


days = (
    st.dates().map(str)
    | st.dates(date(1989, 12, 30), date(2270, 1, 1)).map(str)
    | st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]", fullmatch=True)
)
times = st.from_regex(r"[0-2][0-9](:[0-6][0-9](:[0-6][0-9](\.[0-9]{0,10})?)?)?", fullmatch=True)
known_zones = ["Z", "Z", "z", "+00:00", "-00:00", "+05:30", "-0800", "+01", "+23:59", " UTC", ""]
zones = st.sampled_from([*known_zones, "+24:00", "+00:60", " Z"])
near_rfc_3339 = st.builds("{}{}{}{}".format, days, st.sampled_from("TTT t"), times, zones)


@given(st.lists(near_rfc_3339 | st.none(), max_size=3))
@example(["2025-11-19T10:00:00.123456789", "2025-11-19", None])
@example(["2025-11-19T10:00:00", "2025-11-19T10:00:00Z"])
@example(["2262-04-11T23:47:16.854775807Z", "2262-04-11T23:47:16.854775808Z"])
@example(["2199-12-31T23:59:59.999999999Z", None])
@example(["2200-01-01T00:00:00Z"])
def test_a_column_of_text_is_read_as_each_text_is(texts: list[str | None]) -> None:
    assert_column_is_its_values(texts)


@given(st.lists(st.integers(-(2**63), 2**63) | st.integers(0, 10**13) | st.none(), max_size=4))
@example([EARLIEST, LATEST - 1, EARLIEST // 10**6, LATEST // 10**6 - 1, (LATEST - 1) * 1000 + 999])
@example([LATEST])
@example([LATEST // 10**3])
def test_a_column_of_counts_is_read_as_each_count_is(counts: list[int | None]) -> None:
    assert_column_is_its_values(counts)


def assert_column_is_its_values(values: list[object]) -> None:
    expected: list[int | None] = []
    refused: list[tuple[int, str]] = []
    for row, value in enumerate(values):
        try:
            expected.append(None if value is None else parse_timestamp(value))
        except InvalidInputError as error:
            expected.append(None)
            refused.append((row, error.code))
    column, faults = to_utc_microseconds(values)
    assert column.cast(pa.int64()).to_pylist() == expected
    assert [(fault.row, fault.code) for fault in faults] == refused


@given(st.lists(moments | moments.map(rfc_3339) | st.none() | st.just("x")))
def test_normalising_twice_is_normalising_once(values: list[object]) -> None:
    once, _ = to_utc_microseconds(values)
    twice, faults = to_utc_microseconds(once)
    assert (twice, faults) == (once, [])
    assert to_utc_microseconds(once.cast(pa.int64()).to_pylist()) == (once, [])


@given(st.lists(moments | st.none()), st.timedeltas(timedelta(days=-9), timedelta(days=9)))
def test_a_clock_that_is_ahead_is_put_back(values: list[int | None], skew: timedelta) -> None:
    column = pa.array(values, pa.int64()).cast(UTC_MICROSECONDS)
    microseconds = skew // timedelta(microseconds=1)
    expected = [None if value is None else value - microseconds for value in values]
    assert shift(column, skew).cast(pa.int64()).to_pylist() == expected
    assert shift(shift(column, skew), -skew) == column
