"""Prices of tokens: what a provider asked for a model on a day, and who says so.

Prices are whole attodollars (10^-18 USD) per token, so that money stays exact: one US dollar per
million tokens is 10^12 attodollars per token.
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

ATTODOLLARS = 10**18

MAX_USD_PER_MTOK = 900
"""Most that a million tokens in and a million out cost together: MAX_TOKENS of each at this price
still fit 64 bits of picodollars, the store's last digit."""


@dataclass(frozen=True)
class Tier:
    """Prices of one call with more than `above` input tokens, in attodollars per token."""

    above: int
    input: int
    output: int
    cached: int
    cache_write: int


@dataclass(frozen=True)
class Price:
    """What a model costs: `tiers` by rising threshold, the first from 0; `price_id` says whose.

    `per_call`, attodollars, is due once for a call, whatever its tokens.
    """

    price_id: str
    tiers: tuple[Tier, ...]
    per_call: int = 0


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
        prices = found.model_price
        if prices.input_mtok is None and prices.output_mtok is None:
            return None  # listed, but without a price of its tokens
        name = f"{self._source}:{found.provider.id}/{found.model.id}"
        return Price(name, _tiers(prices), _at(prices.requests_kcount, 0, 1_000) or 0)


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


def _at(price: Decimal | genai.TieredPrices | None, start: int, per: int = 10**6) -> int | None:
    if isinstance(price, genai.TieredPrices):
        reached = [tier.price for tier in price.tiers if tier.start <= start]
        price = reached[-1] if reached else price.base
    return None if price is None else to_attodollars(price, per)


def to_attodollars(usd: Decimal, per: int = 10**6) -> int:
    """US dollars for `per` tokens (or calls) as attodollars for one."""
    return round(usd * (ATTODOLLARS // per))


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
        rows = msgspec.yaml.decode(text, type=dict[str, list[OverrideRow]])["prices"]
    except (msgspec.MsgspecError, KeyError) as error:
        raise SettingsError(f"the price file is wrong: {error}") from error
    for row in rows:
        _check(row)
    return rows


def _check(row: OverrideRow) -> None:
    given = (row.input_usd_per_mtok, row.cached_usd_per_mtok, row.cache_write_usd_per_mtok)
    prices = [price for price in (*given, row.output_usd_per_mtok) if price is not None]
    sound = all(price.is_finite() and price >= 0 for price in prices)
    if not sound or max(prices[:-1]) + prices[-1] > MAX_USD_PER_MTOK:
        raise SettingsError(
            f"the price file is wrong: {row.provider}/{row.model} from {row.since}: "
            f"prices are 0 or more, input and output together at most {MAX_USD_PER_MTOK} USD"
        )


def _by_model(rows: Sequence[OverrideRow]) -> dict[tuple[str, str], list[OverrideRow]]:
    found: dict[tuple[str, str], list[OverrideRow]] = {}
    for row in sorted(rows, key=lambda row: row.since, reverse=True):
        found.setdefault((row.provider, row.model), []).append(row)
    return found


def _override(row: OverrideRow) -> Price:
    full = to_attodollars(row.input_usd_per_mtok)
    cached, write = row.cached_usd_per_mtok, row.cache_write_usd_per_mtok
    tier = Tier(
        above=0,
        input=full,
        output=to_attodollars(row.output_usd_per_mtok),
        cached=full if cached is None else to_attodollars(cached),
        cache_write=full if write is None else to_attodollars(write),
    )
    return Price(f"override:{row.provider}/{row.model}@{row.since}", (tier,))
