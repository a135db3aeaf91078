"""Prices of tokens: what a provider asked for a model on a day, and who says so.

Prices are whole picodollars per token, so that money stays exact: one US dollar per million
tokens is 1,000,000 picodollars per token.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from importlib.metadata import version
from typing import Protocol

import genai_prices
import msgspec
from genai_prices import types as genai

from llm_analytics_hub.errors import SettingsError

PICODOLLARS = 10**12
_PER_MILLION_TOKENS = PICODOLLARS // 10**6


@dataclass(frozen=True)
class Tier:
    """Prices of one call with more than `above` input tokens, in picodollars per token."""

    above: int
    input: int
    output: int
    cached: int
    cache_write: int


@dataclass(frozen=True)
class Price:
    """What a model costs: `tiers` by rising threshold, the first from 0; `price_id` says whose."""

    price_id: str
    tiers: tuple[Tier, ...]


class PriceBook(Protocol):
    """Knows what models cost."""

    def price(self, provider: str | None, model: str, day: date, /) -> Price | None:
        """The price of `model` at `provider` on `day`; None = unknown, never free."""
        ...


class GenaiPriceBook:
    """The price table of the genai-prices package; remembers what it looked up (85 µs each)."""

    def __init__(self, *, remembered: int = 20_000) -> None:
        self._known: dict[tuple[str | None, str, date], Price | None] = {}
        self._remembered = remembered
        self._source = f"genai-prices-{version('genai-prices')}"

    def price(self, provider: str | None, model: str, day: date, /) -> Price | None:
        """See `PriceBook.price`."""
        key = (provider, model, day)
        if key not in self._known:
            if len(self._known) >= self._remembered:
                self._known.clear()
            self._known[key] = self._look_up(*key)
        return self._known[key]

    def _look_up(self, provider: str | None, model: str, day: date) -> Price | None:
        moment = datetime.combine(day, time(12), UTC)
        usage = genai_prices.Usage(input_tokens=1, output_tokens=1)
        try:
            found = genai_prices.calc_price(
                usage, model_ref=model, provider_id=provider, genai_request_timestamp=moment
            )
        except LookupError:
            return None
        name = f"{self._source}:{found.provider.id}/{found.model.id}"
        return Price(name, _tiers(found.model_price))


def _tiers(prices: genai.ModelPrice) -> tuple[Tier, ...]:
    asked = [getattr(prices, f"{name}_mtok", None) for name in
             ("input", "output", "cache_read", "cache_write")]  # fmt: skip
    starts = {0}
    for price in asked:
        if isinstance(price, genai.TieredPrices):
            starts |= {tier.start for tier in price.tiers}
    return tuple(_tier(start, asked) for start in sorted(starts))


def _tier(start: int, asked: Sequence[Decimal | genai.TieredPrices | None]) -> Tier:
    given, written, cached, cache_write = (_at(price, start) for price in asked)
    full = given or 0
    return Tier(
        above=start,
        input=full,
        output=written or 0,
        # A class of input without a price of its own is billed as plain input.
        cached=full if cached is None else cached,
        cache_write=full if cache_write is None else cache_write,
    )


def _at(price: Decimal | genai.TieredPrices | None, start: int) -> int | None:
    if isinstance(price, genai.TieredPrices):
        reached = [tier.price for tier in price.tiers if tier.start <= start]
        price = reached[-1] if reached else price.base
    return None if price is None else to_picodollars(price)


def to_picodollars(usd_per_million_tokens: Decimal) -> int:
    """A price per million tokens in US dollars as picodollars per token."""
    return round(usd_per_million_tokens * _PER_MILLION_TOKENS)


class OverrideRow(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}
):
    """One row of a user's price file: US dollars per million tokens from a day on."""

    provider: str
    model: str
    since: date
    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    cached_usd_per_mtok: Decimal | None = None
    cache_write_usd_per_mtok: Decimal | None = None


class OverriddenPriceBook:
    """A user's own prices first, another book's for the rest."""

    def __init__(self, rows: Sequence[OverrideRow], base: PriceBook) -> None:
        self._base = base
        self._rows: Mapping[tuple[str, str], list[OverrideRow]] = _by_model(rows)

    def price(self, provider: str | None, model: str, day: date, /) -> Price | None:
        """See `PriceBook.price`."""
        for row in self._rows.get((provider or "", model), ()):
            if row.since <= day:
                return _override(row)
        return self._base.price(provider, model, day)


def decode_overrides(text: str) -> list[OverrideRow]:
    """The rows of a price file (YAML: `prices:` and a list). Raises: SettingsError."""
    try:
        return msgspec.yaml.decode(text, type=dict[str, list[OverrideRow]])["prices"]
    except (msgspec.MsgspecError, KeyError) as error:
        raise SettingsError(f"the price file is wrong: {error}") from error


def _by_model(rows: Sequence[OverrideRow]) -> dict[tuple[str, str], list[OverrideRow]]:
    found: dict[tuple[str, str], list[OverrideRow]] = {}
    for row in sorted(rows, key=lambda row: row.since, reverse=True):
        found.setdefault((row.provider, row.model), []).append(row)
    return found


def _override(row: OverrideRow) -> Price:
    full = to_picodollars(row.input_usd_per_mtok)
    cached, write = row.cached_usd_per_mtok, row.cache_write_usd_per_mtok
    tier = Tier(
        above=0,
        input=full,
        output=to_picodollars(row.output_usd_per_mtok),
        cached=full if cached is None else to_picodollars(cached),
        cache_write=full if write is None else to_picodollars(write),
    )
    return Price(f"override:{row.provider}/{row.model}@{row.since}", (tier,))
