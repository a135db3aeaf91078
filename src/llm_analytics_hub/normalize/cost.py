"""Cost of model calls from their tokens, for whole columns."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from llm_analytics_hub.model.event import MONEY, TEXT
from llm_analytics_hub.normalize.pricing import Price, PriceBook, Tier

Numbers = NDArray[np.int64]
_DAY_US = 86_400_000_000
_ATTO_PER_PICO = 10**6
_EPOCH = date(1970, 1, 1)
_INPUT_CLASSES = 3
_FREE = Tier(above=0, input=0, output=0, cached=0, cache_write=0)
_NEVER = replace(_FREE, above=np.iinfo(np.int64).max)


def priced(columns: dict[str, pa.Array], wanted: pa.Array, book: PriceBook) -> dict[str, pa.Array]:
    """The columns `cost_usd` and `price_id` for the rows where `wanted`; null elsewhere.

    Needs provider, model, occurred_at and the token columns of the same length. Cached and
    cache-write tokens are parts of the input, each billed at its own price and once; reasoning
    tokens are part of the output. A model without a known price costs null, never 0.
    """
    asked = _asked(columns, wanted)
    if not asked.size:  # most spans are no calls
        return {"cost_usd": pa.nulls(len(wanted), MONEY), "price_id": pa.nulls(len(wanted), TEXT)}
    calls = _calls(columns, asked)
    tariff = _Tariff([book.price(*call) for call in calls.distinct])
    picodollars = np.zeros(len(wanted), np.int64)
    numbers = np.full(len(wanted), -1)
    picodollars[calls.rows] = tariff.cost(calls.numbers, _billed(columns, calls.rows))
    numbers[calls.rows] = calls.numbers
    ids = tariff.price_ids.take(pa.array(numbers, mask=numbers < 0))
    return {"cost_usd": dollars(picodollars, ids.is_valid()), "price_id": ids}


def dollars(picodollars: Numbers, known: pa.Array) -> pa.Array:
    """Whole picodollars as decimal dollars with 12 places; null where not `known`."""
    words = np.empty((len(picodollars), 2), np.int64)  # a decimal128 is two words, low first
    words[:, 0] = picodollars
    words[:, 1] = picodollars >> 63
    exact = pa.Array.from_buffers(MONEY, len(picodollars), [None, pa.py_buffer(words)])
    return pc.if_else(known, exact, pa.scalar(None, MONEY))


class _Tariff:
    """Prices of some models side by side, so that a batch is billed at once, whatever its models.

    Arrays by class of tokens (plain, cached, written, output), model and tier. Attodollars of many
    tokens are more than 64 bits hold: whole picodollars and the rest are kept apart.
    """

    def __init__(self, prices: Sequence[Price | None]) -> None:
        self.price_ids = pa.array([price and price.price_id for price in prices], TEXT)
        tiers = [price.tiers if price else (_FREE,) for price in prices]
        depth = max(map(len, tiers), default=1)
        # A tier that there is not begins where no call gets to.
        padded = [row + (_NEVER,) * (depth - len(row)) for row in tiers]
        self._above = _table([[tier.above for tier in row[1:]] for row in padded], depth - 1)
        rates = _table(
            [[_rates(tier) for tier in row] for row in padded], depth, len(_rates(_FREE))
        )
        self._whole, self._rest = np.divmod(np.moveaxis(rates, -1, 0), _ATTO_PER_PICO)
        self._per_call = _table([price.per_call if price else 0 for price in prices])

    def cost(self, models: Numbers, tokens: Numbers) -> Numbers:
        """Picodollars of each call: its model's number, its tokens (one row a class).

        The tier is that of the call's whole input.
        """
        given = tokens[:_INPUT_CLASSES].sum(axis=0)
        tiers = (given[:, np.newaxis] > self._above[models]).sum(axis=1)
        below = (tokens * self._rest[:, models, tiers]).sum(axis=0) + self._per_call[models]
        whole = (tokens * self._whole[:, models, tiers]).sum(axis=0)
        total: Numbers = whole + np.rint(below / _ATTO_PER_PICO).astype(np.int64)
        return total


def _rates(tier: Tier) -> tuple[int, ...]:
    return (tier.input, tier.cached, tier.cache_write, tier.output)


def _table(numbers: Sequence[object], *shape: int) -> Numbers:
    return np.array(numbers, np.int64).reshape(len(numbers), *shape)


def _billed(columns: dict[str, pa.Array], rows: Numbers) -> Numbers:
    """Tokens of `rows` as billed, one row a class: plain, cached and written input, output."""
    given, output = _filled(columns["input_tokens"], rows), _filled(columns["output_tokens"], rows)
    # Never more parts than the whole: some senders count cache outside of input.
    cached = np.minimum(_filled(columns["cached_tokens"], rows), given)
    written = np.minimum(_filled(columns["cache_write_tokens"], rows), given - cached)
    return np.stack([given - cached - written, cached, written, output])


def _filled(column: pa.Array, rows: Numbers) -> Numbers:
    """Those `rows` of a column as whole numbers, unknown as 0."""
    numbers: Numbers = column.fill_null(0).to_numpy(zero_copy_only=False)[rows].astype(np.int64)
    return numbers


@dataclass(frozen=True)
class _Calls:
    """Rows to price, for each the number of its model, and the models: provider, name and day."""

    rows: Numbers
    numbers: Numbers
    distinct: Sequence[tuple[str | None, str, date]]


def _asked(columns: dict[str, pa.Array], wanted: pa.Array) -> Numbers:
    """The wanted rows of which enough is known to look for a price."""
    has_tokens = pc.or_(columns["input_tokens"].is_valid(), columns["output_tokens"].is_valid())
    has_key = pc.and_(columns["model"].is_valid(), columns["occurred_at"].is_valid())
    asked = pc.and_(pc.and_(wanted, has_key), has_tokens)
    return np.flatnonzero(asked.to_numpy(zero_copy_only=False))


def _calls(columns: dict[str, pa.Array], rows: Numbers) -> _Calls:
    provider, providers = _coded(columns["provider"], rows)
    model, models = _coded(columns["model"], rows)
    days = _filled(columns["occurred_at"].cast(pa.int64()), rows) // _DAY_US
    # One number for the three, so that equal ones are found by one hash table.
    keys = pa.array((days * (len(providers) + 1) + provider + 1) * (len(models) + 1) + model)
    codes = keys.dictionary_encode()
    numbers = codes.indices.to_numpy().astype(np.int64)
    _, first = np.unique(numbers, return_index=True)
    names = [*providers, None]  # -1 is unknown
    distinct = [
        (names[provider[row]], models[model[row]], _EPOCH + timedelta(days=int(days[row])))
        for row in first.tolist()
    ]
    return _Calls(rows, numbers, distinct)


def _coded(column: pa.Array, rows: Numbers) -> tuple[Numbers, list[str]]:
    """The number of each row's text, -1 for unknown, and the texts."""
    codes = column.dictionary_encode()
    numbers: Numbers = codes.indices.fill_null(-1).to_numpy(zero_copy_only=False)[rows]
    return numbers.astype(np.int64), codes.dictionary.to_pylist()
