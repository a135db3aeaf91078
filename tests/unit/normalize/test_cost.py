import warnings
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import genai_prices
import pyarrow as pa
import pytest
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.model.event import TOKEN_FIELDS
from llm_analytics_hub.normalize.cost import priced
from llm_analytics_hub.normalize.measures import MAX_TOKENS
from llm_analytics_hub.normalize.pricing import GenaiPriceBook, Price, Tier

NOON = datetime(2025, 11, 19, 12, tzinfo=UTC)
BOOK = GenaiPriceBook()
PICO = Decimal("1e-12")
MODELS = [
    ("openai", "gpt-4o"),
    ("openai", "gpt-4o-mini"),
    ("openai", "o1-pro"),
    ("openai", "text-embedding-3-small"),
    ("anthropic", "claude-sonnet-4-5"),
    ("anthropic", "claude-3-5-haiku-latest"),
    ("google", "gemini-2.5-pro"),
    ("google", "gemini-2.5-flash"),
    ("mistral", "mistral-large-latest"),
    ("perplexity", "sonar"),
    ("openrouter", "google/gemini-2.5-flash"),
]


class OnePrice:
    """A book of one model, with every class of tokens at another price and two tiers."""

    def price(self, provider: str | None, model: str, day: date, /) -> Price | None:
        base = Tier(0, input=10**12, output=4 * 10**12, cached=10**11, cache_write=2 * 10**12)
        long = Tier(1000, input=2 * 10**12, output=8 * 10**12, cached=10**11, cache_write=10**12)
        return Price("one", (base, long), per_call=5 * 10**15) if model == "m" else None


def columns(*rows: dict[str, Any]) -> dict[str, pa.Array]:
    made = {name: pa.array([row.get(name) for row in rows], pa.uint64()) for name in TOKEN_FIELDS}
    for name in ("provider", "model"):
        made[name] = pa.array([row.get(name) for row in rows], pa.string())
    moments = [row.get("occurred_at", NOON) for row in rows]
    return made | {"occurred_at": pa.array(moments, pa.timestamp("us", "UTC"))}


def costs(*rows: dict[str, Any], book: Any = BOOK) -> list[tuple[Decimal | None, str | None]]:
    found = priced(columns(*rows), pa.array([True] * len(rows)), book)
    return list(zip(found["cost_usd"].to_pylist(), found["price_id"].to_pylist(), strict=True))


def one(**tokens: int) -> Decimal:
    """The cost of a call of the one model, without what is due for the call itself."""
    ((cost, price_id),) = costs({"model": "m", **tokens}, book=OnePrice())
    assert (price_id, cost is None) == ("one", False)
    return (cost or Decimal()) - Decimal("0.005")


def test_cached_and_written_tokens_are_parts_of_the_input_and_billed_once() -> None:
    assert one(input_tokens=100, output_tokens=10) == 140 * PICO * 10**6
    assert one(input_tokens=100, cached_tokens=40) == (60 + 4) * PICO * 10**6
    assert one(input_tokens=100, cache_write_tokens=40) == (60 + 80) * PICO * 10**6
    assert (
        one(input_tokens=100, cached_tokens=40, cache_write_tokens=40)
        == (20 + 4 + 80) * PICO * 10**6
    )


def test_reasoning_tokens_are_parts_of_the_output() -> None:
    assert one(output_tokens=10, reasoning_tokens=9) == one(output_tokens=10)


def test_parts_never_exceed_the_whole() -> None:
    assert one(input_tokens=100, cached_tokens=500) == one(input_tokens=100, cached_tokens=100)
    assert one(output_tokens=1, cached_tokens=500) == one(output_tokens=1)


def test_the_tier_is_that_of_the_whole_input_and_starts_above_its_threshold() -> None:
    assert one(input_tokens=1000, output_tokens=1) == (1000 + 4) * PICO * 10**6
    assert one(input_tokens=1001, output_tokens=1) == (2002 + 8) * PICO * 10**6
    assert one(input_tokens=1001, cached_tokens=1001) == Decimal("100.1") * PICO * 10**6


def test_the_most_tokens_there_can_be_are_billed_exactly() -> None:
    assert one(input_tokens=MAX_TOKENS, output_tokens=MAX_TOKENS) == MAX_TOKENS * 10 * PICO * 10**6


@pytest.mark.parametrize(
    "row",
    [
        {"model": "no-such-model", "input_tokens": 5},
        {"provider": "openai", "input_tokens": 5},
        {"provider": "openai", "model": "gpt-4o"},
        {"provider": "openai", "model": "gpt-4o", "cached_tokens": 5},
        {"provider": "github-copilot", "model": "gpt-4o", "input_tokens": 5},
    ],
)
def test_an_unknown_cost_is_null_and_never_0(row: dict[str, Any]) -> None:
    assert costs(row) == [(None, None)]


def test_a_call_of_an_unknown_time_has_no_price() -> None:
    row = {"model": "m", "input_tokens": 5, "occurred_at": None}
    assert costs(row, book=OnePrice()) == [(None, None)]


def test_a_call_of_no_tokens_of_a_known_price_costs_nothing() -> None:
    ((cost, price_id),) = costs({"provider": "openai", "model": "gpt-4o", "input_tokens": 0})
    assert (cost, price_id is None) == (0, False)


def test_only_what_is_wanted_is_priced() -> None:
    row = {"provider": "openai", "model": "gpt-4o", "input_tokens": 5}
    found = priced(columns(row, row), pa.array([False, True]), BOOK)
    assert found["cost_usd"].is_valid().to_pylist() == [False, True]
    assert found["price_id"].is_valid().to_pylist() == [False, True]


def by_table(row: dict[str, Any]) -> Decimal:
    usage = genai_prices.Usage(
        input_tokens=row["input_tokens"],
        output_tokens=row["output_tokens"],
        cache_read_tokens=row["cached_tokens"],
        cache_write_tokens=row["cache_write_tokens"],
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it tells of price keys it has no unit for
        return genai_prices.calc_price(
            usage,
            model_ref=row["model"],
            provider_id=row["provider"],
            genai_request_timestamp=row["occurred_at"],
        ).total_price


@st.composite
def calls(draw: st.DrawFn) -> dict[str, Any]:
    provider, model = draw(st.sampled_from(MODELS))
    given_tokens = draw(st.one_of(st.integers(0, 400_000), st.sampled_from([200_000, 200_001])))
    cached = draw(st.integers(0, given_tokens))
    return {
        "provider": provider,
        "model": model,
        "occurred_at": NOON.replace(month=draw(st.integers(1, 12))),
        "input_tokens": given_tokens,
        "output_tokens": draw(st.integers(0, 100_000)),
        "cached_tokens": cached,
        "cache_write_tokens": draw(st.integers(0, given_tokens - cached)),
    }


@given(st.lists(calls(), min_size=1, max_size=8))
def test_costs_agree_with_the_price_table_to_the_last_digit(rows: list[dict[str, Any]]) -> None:
    for row, (cost, _) in zip(rows, costs(*rows), strict=True):
        assert cost is not None
        assert abs(cost - by_table(row)) <= PICO


@pytest.mark.slow
def test_every_listed_model_agrees_with_the_price_table() -> None:
    tokens = {
        "input_tokens": 250_001,
        "output_tokens": 333,
        "cached_tokens": 70_001,
        "cache_write_tokens": 7,
    }
    names = [(p.id, m.id) for p in get_snapshot().providers for m in p.models]
    rows = [
        {"provider": provider, "model": model, "occurred_at": NOON, **tokens}
        for provider, model in names
    ]
    compared = 0
    for row, (cost, _) in zip(rows, costs(*rows), strict=True):
        if cost is not None:
            assert abs(cost - by_table(row)) <= PICO, row
            compared += 1
    assert compared > 1_500
