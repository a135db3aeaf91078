from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import llm_analytics_hub.normalize
from llm_analytics_hub.errors import InvalidInputError, SettingsError
from llm_analytics_hub.normalize.money import RateTable, costs_to_usd, decode_rates

SHIPPED = Path(llm_analytics_hub.normalize.__file__).with_name("rates.yaml")
DAY = date(2025, 11, 19)

TABLE = decode_rates("""
rates:
  - {currency: EUR, from: 2025-01-01, usd: 1.10}
  - {currency: EUR, from: 2024-01-01, usd: "1.08"}
  - {currency: JPY, from: 2024-01-01, usd: 0.0067}
""")


def rates(*rows: str) -> str:
    return "rates:\n" + "".join(f"  - {row}\n" for row in rows)


@pytest.mark.parametrize(
    ("amount", "currency", "on", "expected"),
    [
        ("2", "EUR", DAY, "2.2"),
        ("2", "eur", date(2025, 1, 1), "2.2"),
        ("2", "EUR", date(2024, 12, 31), "2.16"),
        ("2", "EUR", datetime(2024, 12, 31, 23, 59, tzinfo=UTC), "2.16"),
        ("2", "EUR", date(2023, 12, 31), None),
        ("2", "EUR", None, None),
        ("2", "CHF", DAY, None),
        ("2", "USD", None, "2"),
        ("250", "cents", None, "2.5"),
        ("250", "USD_cents", DAY, "2.5"),
        ("-1000", "JPY", DAY, "-6.7"),
    ],
)
def test_an_amount_is_worth_what_the_rate_of_its_day_says(
    amount: str, currency: str, on: date | None, expected: str | None
) -> None:
    usd = TABLE.to_usd(Decimal(amount), currency, on)
    assert usd == (None if expected is None else Decimal(expected))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rates: 1", "rates"),
        ("prices: []", "rates"),
        ("[", "flow"),
        ("", "null"),
        (rates("{currency: EUR, from: 2024-01-01, usd: x}"), "rates[0].usd"),
        (rates("{currency: EUR, from: soon, usd: 1}"), "rates[0].from"),
        (rates("{currency: EUR, from: 2024-01-01}"), "usd"),
        (rates("{currency: EUR, from: 2024-01-01, usd: 1, note: x}"), "note"),
        (rates("{currency: euro, from: 2024-01-01, usd: 1}"), "rates[0].currency"),
        (rates("{currency: USD, from: 2024-01-01, usd: 1}"), "USD from 2024-01-01"),
        (rates("{currency: EUR, from: 2024-01-01, usd: 0}"), "EUR from 2024-01-01"),
        (rates("{currency: EUR, from: 2024-01-01, usd: -1}"), "EUR from 2024-01-01"),
        (rates("{currency: EUR, from: 2024-01-01, usd: .nan}"), "EUR from 2024-01-01"),
        (rates("{currency: EUR, from: 2024-01-01, usd: 1e6}"), "EUR from 2024-01-01"),
        (rates(*["{currency: EUR, from: 2024-01-01, usd: 1}"] * 2), "twice"),
    ],
)
def test_a_wrong_rate_table_says_where_it_is_wrong(text: str, said: str) -> None:
    with pytest.raises(SettingsError, match="exchange rates") as caught:
        decode_rates(text)
    assert caught.value.code == "invalid_rates"
    assert said in caught.value.message


def test_the_shipped_rates_can_be_read_and_know_the_common_currencies() -> None:
    table = decode_rates(SHIPPED.read_text(encoding="utf-8"))
    for code in ("EUR", "GBP", "JPY", "CHF", "CAD", "AUD", "CNY", "INR"):
        assert table.to_usd(Decimal(1), code, DAY) is not None


def test_costs_are_kept_as_sent_and_in_usd() -> None:
    usd, amounts, currencies, faults = costs_to_usd(
        [0.1, 2, "2.50", Decimal(1000), 3, 4, None, 250, 5],
        ["USD", "eur", {"CUSTOM": "CHF"}, {"custom": "JPY"}, None, "EUR", "USD", "cents", "XTS"],
        [DAY, DAY, DAY, DAY, DAY, None, DAY, DAY, DAY],
        TABLE,
    )
    assert usd.to_pylist() == decimals("0.1", "2.2", None, "6.7", None, None, None, "2.5", None)
    assert amounts.to_pylist() == decimals("0.1", "2", "2.5", "1000", "3", "4", None, "2.5", "5")
    assert currencies.to_pylist() == ["USD", "EUR", "CHF", "JPY", None, "EUR", "USD", "USD", "XTS"]
    assert (usd.type, amounts.type) == (pa.decimal128(38, 12), pa.decimal128(38, 12))
    assert faults == []


def test_a_bad_cost_is_null_in_every_column_and_a_fault() -> None:
    bad = [
        (float("nan"), "USD", "invalid_amount"),
        ("Infinity", "USD", "invalid_amount"),
        ("1,50", "USD", "invalid_amount"),
        (True, "USD", "invalid_amount"),
        ([], "USD", "invalid_amount"),
        (10**15, "USD", "amount_out_of_range"),
        ("-1e9999", "USD", "amount_out_of_range"),
        (1, "$", "unknown_currency"),
        (1, "", "unknown_currency"),
        (1, 840, "unknown_currency"),
        (1, {"custom": {"custom": "CHF"}}, "unknown_currency"),
        (1, {"code": "CHF"}, "unknown_currency"),
        (None, "USD2", "unknown_currency"),
    ]
    costs = costs_to_usd(
        [*(row[0] for row in bad), 1], [*(row[1] for row in bad), "USD"], [DAY] * 14, TABLE
    )
    nulls = [None] * len(bad)
    assert costs.usd.to_pylist() == [*nulls, Decimal(1)]
    assert costs.amounts.to_pylist() == [*nulls, Decimal(1)]
    assert costs.currencies.to_pylist() == [*nulls, "USD"]
    expected = [(row, code) for row, (_, _, code) in enumerate(bad)]
    assert [(fault.row, fault.code) for fault in costs.faults] == expected


def test_columns_may_be_empty() -> None:
    costs = costs_to_usd([], [], [], TABLE)
    assert (len(costs.usd), len(costs.amounts), len(costs.currencies)) == (0, 0, 0)


amounts_of_money = (
    st.floats(-1e16, 1e16)
    | st.floats(-1e7, 1e7)
    | st.floats(0, 1)
    | st.decimals(0, 1000, places=13, allow_nan=False).map(float)
    | st.integers(-(10**16), 10**16)
)


@given(st.lists(amounts_of_money | st.none(), max_size=3))
@example([0.0000000000005, 0.0000000000015, 0.0000000000025])  # half to even
@example([130.8129162955225])  # the scaled double rounds up, the decimal is a tie and goes down
@example([-281.4660541337905, None, 12345.678, 1e-9])
@example([9223372.0, 9223373.0, -9223372.036854776])  # on both sides of 64 bits
@example([0.30000000000000004, 1e-300, -0.0, 999.9999999999999])
def test_a_column_of_dollars_is_exactly_the_decimals_that_its_numbers_print_as(
    amounts: list[float | None],
) -> None:
    expected = [exactly(amount) for amount in amounts]
    costs = costs_to_usd(amounts, ["USD"] * len(amounts), [None] * len(amounts), TABLE)
    assert costs.amounts.to_pylist() == expected
    assert costs.usd == costs.amounts
    refused = [a is not None and e is None for a, e in zip(amounts, expected, strict=True)]
    assert [fault.row for fault in costs.faults] == [row for row, bad in enumerate(refused) if bad]


def exactly(amount: float | None) -> Decimal | None:
    if amount is None or abs(amount) >= 10**15:
        return None
    context = Context(prec=99, rounding=ROUND_HALF_EVEN)
    return Decimal(repr(amount)).quantize(Decimal("1e-12"), context=context)


currency = st.sampled_from(["USD", "usd", "EUR", "JPY", "CHF", "cents", "?", {"CUSTOM": "EUR"}])
rows = st.tuples(amounts_of_money | st.none(), currency | st.none(), st.dates() | st.none())


@given(st.lists(rows, max_size=5))
def test_normalising_twice_is_normalising_once(costs: list[tuple[object, object, date]]) -> None:
    dates = [on for _, _, on in costs]
    once = costs_to_usd([cost[0] for cost in costs], [cost[1] for cost in costs], dates, TABLE)
    twice = costs_to_usd(once.amounts.to_pylist(), once.currencies.to_pylist(), dates, TABLE)
    assert twice[:3] == once[:3]
    assert twice.faults == []


@given(st.lists(rows, min_size=1, max_size=5))
def test_a_neighbour_changes_nothing(costs: list[tuple[object, object, date]]) -> None:
    together = costs_to_usd(*(list(column) for column in zip(*costs, strict=True)), TABLE)
    for row, (amount, code, on) in enumerate(costs):
        alone = costs_to_usd([amount], [code], [on], TABLE)
        assert [column[0] for column in alone[:3]] == [column[row] for column in together[:3]]


def test_an_unshaped_currency_is_refused_by_the_table_too() -> None:
    with pytest.raises(InvalidInputError) as caught:
        RateTable([]).to_usd(Decimal(1), "€", DAY)
    assert caught.value.code == "unknown_currency"


def decimals(*texts: str | None) -> list[Decimal | None]:
    return [None if text is None else Decimal(text) for text in texts]
