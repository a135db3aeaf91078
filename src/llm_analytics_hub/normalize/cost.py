"""Cost of model calls from their tokens, for whole columns."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from llm_analytics_hub.model.event import MONEY, TEXT
from llm_analytics_hub.normalize.pricing import Price, PriceBook

Numbers = NDArray[np.int64]
_DAY_US = 86_400_000_000
_ATTO_PER_PICO = 10**6
_EPOCH = date(1970, 1, 1)


def priced(columns: dict[str, pa.Array], wanted: pa.Array, book: PriceBook) -> dict[str, pa.Array]:
    """The columns `cost_usd` and `price_id` for the rows where `wanted`; null elsewhere.

    Needs provider, model, occurred_at and the token columns of the same length. Cached and
    cache-write tokens are parts of the input, each billed at its own price and once; reasoning
    tokens are part of the output. A model without a known price costs null, never 0.
    """
    size = len(wanted)
    picodollars = np.zeros(size, np.int64)
    price_ids = np.full(size, None, dtype=object)
    tokens = _Tokens(columns)
    for (provider, model, day), rows in _groups(columns, wanted).items():
        price = book.price(provider, model, day)
        if price is not None:
            picodollars[rows] = tokens.cost(rows, price)
            price_ids[rows] = price.price_id
    ids = pa.array(price_ids, TEXT)
    return {"cost_usd": dollars(picodollars, ids.is_valid()), "price_id": ids}


def dollars(picodollars: Numbers, known: pa.Array) -> pa.Array:
    """Whole picodollars as decimal dollars with 12 places; null where not `known`."""
    words = np.empty((len(picodollars), 2), np.int64)  # a decimal128 is two words, low first
    words[:, 0] = picodollars
    words[:, 1] = picodollars >> 63
    exact = pa.Array.from_buffers(MONEY, len(picodollars), [None, pa.py_buffer(words)])
    return pc.if_else(known, exact, pa.scalar(None, MONEY))


class _Tokens:
    """Token columns as whole numbers, unknown as 0."""

    def __init__(self, columns: dict[str, pa.Array]) -> None:
        self._input = _filled(columns["input_tokens"])
        self._output = _filled(columns["output_tokens"])
        # Never more parts than the whole: some senders count cache outside of input.
        self._cached = np.minimum(_filled(columns["cached_tokens"]), self._input)
        self._written = np.minimum(
            _filled(columns["cache_write_tokens"]), self._input - self._cached
        )

    def cost(self, rows: Numbers, price: Price) -> Numbers:
        """Picodollars of each of `rows`; the tier is that of the call's whole input."""
        given, cached, written = self._input[rows], self._cached[rows], self._written[rows]
        counts = np.stack([given - cached - written, cached, written, self._output[rows]])
        table = np.array(
            [(t.input, t.cached, t.cache_write, t.output) for t in price.tiers], np.int64
        )
        above = np.array([tier.above for tier in price.tiers[1:]], np.int64)
        # In two parts, because attodollars of many tokens are more than 64 bits hold.
        whole, rest = np.divmod(table[np.searchsorted(above, given, side="left")].T, _ATTO_PER_PICO)
        below = (counts * rest).sum(axis=0) + price.per_call
        total: Numbers = (counts * whole).sum(axis=0) + np.rint(below / _ATTO_PER_PICO).astype(int)
        return total


def _filled(column: pa.Array) -> Numbers:
    numbers: Numbers = column.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
    return numbers


def _groups(
    columns: dict[str, pa.Array], wanted: pa.Array
) -> dict[tuple[str | None, str, date], Numbers]:
    """Rows to price, by provider, model and day."""
    has_tokens = pc.or_(columns["input_tokens"].is_valid(), columns["output_tokens"].is_valid())
    has_key = pc.and_(columns["model"].is_valid(), columns["occurred_at"].is_valid())
    asked = pc.and_(pc.and_(wanted, has_key), has_tokens)
    rows = np.flatnonzero(asked.to_numpy(zero_copy_only=False))
    if not len(rows):
        return {}
    days = _filled(columns["occurred_at"].cast(pa.int64()))[rows] // _DAY_US
    providers = columns["provider"].dictionary_encode()
    models = columns["model"].dictionary_encode()
    provider = providers.indices.fill_null(-1).to_numpy(zero_copy_only=False)[rows].astype(np.int64)
    model = models.indices.to_numpy(zero_copy_only=False)[rows].astype(np.int64)
    names, refs = [*providers.dictionary.to_pylist(), None], models.dictionary.to_pylist()
    group_ids = (provider + 1) * len(refs) + model + (days * (len(names) + 1) * len(refs))
    order = np.argsort(group_ids, kind="stable")
    _, starts = np.unique(group_ids[order], return_index=True)
    return {
        (names[provider[row]], refs[model[row]], _EPOCH + timedelta(days=int(days[row]))): members
        for row, members in zip(order[starts], np.split(rows[order], starts[1:]), strict=True)
    }
