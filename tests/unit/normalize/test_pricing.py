from datetime import UTC, date, datetime
from decimal import Decimal

import genai_prices
import pytest
from genai_prices.data_snapshot import get_snapshot
from genai_prices.types import ModelPrice
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.normalize.measures import MAX_TOKENS
from llm_analytics_hub.normalize.pricing import (
    MAX_USD_PER_MTOK,
    GenaiPriceBook,
    OverriddenPriceBook,
    Price,
    Tier,
    decode_overrides,
    to_attodollars,
)

DAY = date(2025, 11, 19)
LISTED = [
    (provider.id, model.id) for provider in get_snapshot().providers for model in provider.models
]
BOOK = GenaiPriceBook()

OWN = """
prices:
  - {provider: openai, model: gpt-4o, from: 2025-06-01, input_usd_per_mtok: 2, output_usd_per_mtok: 8}
  - {provider: openai, model: gpt-4o, from: 2025-11-01, input_usd_per_mtok: 1.5,
     output_usd_per_mtok: "6", cached_usd_per_mtok: 0.1, cache_write_usd_per_mtok: 3}
"""


class NoPrices:
    """A book that knows nothing."""

    def price(self, provider: str | None, model: str, day: date, /) -> Price | None:
        return None


def test_a_price_names_its_table_and_its_row() -> None:
    price = BOOK.price("openai", "gpt-4o", DAY)
    assert price is not None
    assert price.price_id.startswith("genai-prices-")
    assert price.price_id.endswith(":openai/gpt-4o")


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "no-such-model"),
        ("no-such-provider", "gpt-4o"),
        (None, ""),
        (None, "\0"),
        ("", "x"),
    ],
)
def test_what_is_not_listed_has_no_price(provider: str | None, model: str) -> None:
    assert BOOK.price(provider, model, DAY) is None


@given(st.none() | st.text(max_size=9), st.text(max_size=9))
def test_any_name_has_a_price_or_none(provider: str | None, model: str) -> None:
    assert isinstance(BOOK.price(provider, model, DAY), Price | None)


def test_listed_without_a_price_is_unknown_and_not_free() -> None:
    unpriced = [
        (provider.id, model.id)
        for provider in get_snapshot().providers
        for model in provider.models
        if model.prices == ModelPrice()
    ]
    assert unpriced
    assert [name for name in unpriced if BOOK.price(*name, DAY) is not None] == []


def test_a_price_is_that_of_its_day() -> None:
    def looked_up(day: date) -> Decimal:
        moment = datetime.combine(day, datetime.min.time(), UTC).replace(hour=12)
        usage = genai_prices.Usage(input_tokens=1_000_000)
        return genai_prices.calc_price(
            usage, model_ref="o3", provider_id="openai", genai_request_timestamp=moment
        ).total_price

    for day in (date(2025, 5, 1), date(2025, 6, 9), date(2025, 6, 10), DAY):
        price = BOOK.price("openai", "o3", day)
        assert price is not None
        assert price.tiers[0].input == to_attodollars(looked_up(day))


@pytest.mark.slow
def test_the_most_tokens_at_any_price_fit_the_store() -> None:
    prices = [price for name in LISTED if (price := BOOK.price(*name, DAY)) is not None]
    assert len(prices) > 1_000
    for tier in (tier for price in prices for tier in price.tiers):
        dearest = max(tier.input, tier.cached, tier.cache_write) + tier.output
        assert dearest <= to_attodollars(Decimal(MAX_USD_PER_MTOK))
    assert MAX_TOKENS * to_attodollars(Decimal(MAX_USD_PER_MTOK)) // 10**6 < 2**63


def test_the_tiers_rise_and_start_at_nothing() -> None:
    price = BOOK.price("google", "gemini-2.5-pro", DAY)
    assert price is not None
    assert [tier.above for tier in price.tiers] == [0, 200_000]
    assert price.tiers[0].input < price.tiers[1].input


def test_own_prices_come_first_and_from_their_day_on() -> None:
    book = OverriddenPriceBook(decode_overrides(OWN), NoPrices())
    assert book.price("openai", "gpt-4o", date(2025, 5, 31)) is None
    assert book.price(None, "gpt-4o", DAY) is None
    assert book.price("openai", "gpt-4o", date(2025, 10, 31)) == Price(
        "override:openai/gpt-4o@2025-06-01",
        (Tier(0, input=2 * 10**12, output=8 * 10**12, cached=2 * 10**12, cache_write=2 * 10**12),),
    )
    assert book.price("openai", "gpt-4o", date(2025, 11, 1)) == Price(
        "override:openai/gpt-4o@2025-11-01",
        (Tier(0, input=15 * 10**11, output=6 * 10**12, cached=10**11, cache_write=3 * 10**12),),
    )


def test_what_is_not_overridden_comes_from_the_table() -> None:
    book = OverriddenPriceBook(decode_overrides(OWN), BOOK)
    assert book.price("openai", "o3", DAY) == BOOK.price("openai", "o3", DAY)


@pytest.mark.parametrize(
    "row",
    [
        "{model: m, from: 2025-01-01, input_usd_per_mtok: 1, output_usd_per_mtok: 1}",
        "{provider: p, model: m, from: soon, input_usd_per_mtok: 1, output_usd_per_mtok: 1}",
        "{provider: p, model: m, from: 2025-01-01, input_usd_per_mtok: x, output_usd_per_mtok: 1}",
        "{provider: p, model: m, from: 2025-01-01, input_usd_per_mtok: -1, output_usd_per_mtok: 1}",
        '{provider: p, model: m, from: 2025-01-01, input_usd_per_mtok: "NaN", output_usd_per_mtok: 1}',
        "{provider: p, model: m, from: 2025-01-01, input_usd_per_mtok: 500, output_usd_per_mtok: 401}",
        "{provider: p, model: m, from: 2025-01-01, input_usd_per_mtok: 1, output_usd_per_mtok: 1, x: 1}",
    ],
)
def test_a_wrong_row_of_a_price_file_is_refused(row: str) -> None:
    with pytest.raises(SettingsError, match="price file"):
        decode_overrides(f"prices:\n  - {row}\n")


@pytest.mark.parametrize("text", ["", "prices: 1", "rates: []", "["])
def test_a_file_of_another_kind_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="price file"):
        decode_overrides(text)
