"""Money as exact decimals, and as US dollars where a rate for the day is known.

An amount is never relabelled: with no rate its cost in USD is unknown, and it stays what it was,
in its own currency.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Annotated, Final, NamedTuple

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.errors import InvalidInputError, SettingsError
from llm_analytics_hub.normalize.column import Fault, each, excerpt, float_column, text_column
from llm_analytics_hub.normalize.number import read_number

USD: Final = "USD"
MONEY: Final = pa.decimal128(38, 12)

_CODE: Final = re.compile(r"[A-Z]{3,10}")
_CENTS: Final = frozenset({"CENT", "CENTS", "USD_CENT", "USD_CENTS"})
_DIGITS: Final = 12
_SMALLEST: Final = Decimal(1).scaleb(-_DIGITS)
_EXACT: Final = Context(prec=128, rounding=ROUND_HALF_EVEN)
_LARGEST_AMOUNT: Final = 10**15 - _SMALLEST
_WORD_LIMIT: Final = 2.0**63
_RATE_LIMIT: Final = 10**6  # an amount times a rate still fits 38 digits


class Rate(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"since": "from"}):
    """One unit of `currency` is worth `usd` US dollars, from the day `since`."""

    currency: Annotated[str, msgspec.Meta(pattern=f"^{_CODE.pattern}$")]
    since: date
    usd: Decimal


class _RateFile(msgspec.Struct, forbid_unknown_fields=True):
    rates: list[Rate]


class RateTable:
    """The known rates to USD; immutable.

    Raises: SettingsError, code `invalid_rates`, for a rate that is not positive (or 10^6 and more),
    two rates of a currency from the same day, and any rate of USD.
    """

    def __init__(self, rates: Iterable[Rate]) -> None:
        self._history: dict[str, list[tuple[date, Decimal]]] = {}
        for rate in sorted(rates, key=lambda rate: rate.since):
            history = self._history.setdefault(rate.currency, [])
            _check(rate, known_since=history[-1][0] if history else None)
            history.append((rate.since, rate.usd))

    def to_usd(self, amount: Decimal, currency: str, on: date | None) -> Decimal | None:
        """The amount in USD at the rate of the day, to 12 digits; None where none is known.

        `currency` is a code of any case, or cents (of a US dollar). USD needs no day.
        Raises: InvalidInputError, code `unknown_currency`, if it is not even shaped like a code.
        """
        code, amount = _in_currency(amount, currency)
        rate = Decimal(1) if code == USD else self._rate(code, on)
        return None if rate is None else _rounded(_EXACT.multiply(amount, rate))

    def _rate(self, code: str, on: date | None) -> Decimal | None:
        if on is None:
            return None
        day = on.date() if isinstance(on, datetime) else on
        history = self._history.get(code, [])
        position = bisect_right(history, day, key=lambda entry: entry[0])
        return history[position - 1][1] if position else None


def decode_rates(text: str) -> RateTable:
    """The table that a YAML text of the form of `rates.yaml` describes.

    Raises: SettingsError, code `invalid_rates`, that names the row.
    """
    try:
        rates = msgspec.yaml.decode(text, type=_RateFile).rates
    except msgspec.DecodeError as error:
        raise _invalid_rates(str(error)) from error
    return RateTable(rates)


class Costs(NamedTuple):
    """Columns of costs: in USD, and as sent; and the rows refused, which are null in all three."""

    usd: pa.Array
    amounts: pa.Array
    currencies: pa.Array
    faults: list[Fault]


def costs_to_usd(
    amounts: Sequence[object],
    currencies: Sequence[object],
    dates: Sequence[date | None],
    table: RateTable,
) -> Costs:
    """Costs in USD and as sent, decimals of 12 fraction digits (finer is rounded half to even).

    Shapes: n of each -> n of each. A float is the decimal it prints as. Cents are sent dollars.
    An amount without a currency, and one without a rate, is kept and has no USD; negative amounts
    are credits.
    Faults: `invalid_amount` for what is no finite number, `amount_out_of_range` from 10^15 on,
    `unknown_currency` for what is no code of 3 to 10 letters.
    """
    columns = _dollar_columns(amounts, currencies)
    if columns is not None:
        return Costs(*columns, [])
    rows, faults = each(
        zip(amounts, currencies, dates, strict=True), lambda row: _cost_row(*row, table)
    )
    usd, sent, codes = zip(*(row or (None, None, None) for row in rows), strict=True)
    return Costs(pa.array(usd, MONEY), pa.array(sent, MONEY), pa.array(codes, pa.string()), faults)


def _dollar_columns(
    amounts: Sequence[object], currencies: Sequence[object]
) -> tuple[pa.Array, pa.Array, pa.Array] | None:
    """The common batch at once: plain numbers in USD or without a currency; else None."""
    numbers, codes = float_column(amounts), text_column(currencies)
    if numbers is None or codes is None or not set(codes.unique().to_pylist()) <= {USD, None}:
        return None
    decimals = _exact_decimals(numbers)
    if decimals is None:
        return None
    unknown = pa.scalar(None, MONEY)
    return pc.if_else(codes.is_valid(), decimals, unknown), decimals, codes


def _exact_decimals(numbers: pa.Array) -> pa.Array | None:
    """The decimals that doubles print as; None where one is not finite or of millions.

    A double is within 2^-53 of the decimal it prints as, and so is the product: the scaled number
    is off by less than 2^-52 of itself (2^-51 taken here). Where that cannot carry it over the
    half between two integers, rounding it is rounding the decimal; the few others are read one by
    one.
    """
    doubles = numbers.fill_null(0.0).to_numpy()
    scaled = doubles * 10.0**_DIGITS
    if not (np.abs(scaled) < _WORD_LIMIT).all():
        return None
    rounded = np.rint(scaled)
    low = rounded.astype(np.int64)
    doubtful = np.abs(scaled - rounded) >= 0.5 - np.abs(scaled) * 2.0**-51
    for row in np.flatnonzero(doubtful):
        exact = _rounded(Decimal(repr(float(doubles[row]))))
        low[row] = int(exact.scaleb(_DIGITS, context=_EXACT))
    words = np.column_stack((low, low >> 63))  # Arrow's decimal: 128 bits, low word first
    decimals = pa.Array.from_buffers(MONEY, len(low), [None, pa.py_buffer(words)])
    return pc.if_else(numbers.is_valid(), decimals, pa.scalar(None, MONEY))


def _cost_row(
    amount: object, currency: object, on: date | None, table: RateTable
) -> tuple[Decimal | None, Decimal | None, str | None]:
    number = None if amount is None else _read_amount(amount)
    if currency is None:
        return None, None if number is None else _rounded(number), None
    code, amount_in_code = _in_currency(number or Decimal(), _currency_text(currency))
    if number is None:
        return None, None, code
    # Rounded before the rate, so that normalising the columns again changes nothing.
    sent = _rounded(amount_in_code)
    return table.to_usd(sent, code, on), sent, code


def _read_amount(amount: object) -> Decimal:
    number = read_number(amount)
    if number is None or not number.is_finite():
        raise InvalidInputError(f"not an amount: {excerpt(amount)}", code="invalid_amount")
    if not -_LARGEST_AMOUNT <= number <= _LARGEST_AMOUNT:
        message = f"an amount of 10^15 or more: {excerpt(amount)}"
        raise InvalidInputError(message, code="amount_out_of_range")
    return number


def _currency_text(currency: object) -> str:
    """The code in `currency`, which some senders wrap: {"CUSTOM": "CHF"}."""
    if isinstance(currency, dict) and len(currency) == 1:
        ((key, wrapped),) = currency.items()
        currency = wrapped if str(key).lower() == "custom" else None
    if not isinstance(currency, str):
        raise _unknown_currency(currency)
    return currency


def _in_currency(amount: Decimal, currency: str) -> tuple[str, Decimal]:
    """The currency's code in capitals and the amount in it; cents become dollars."""
    code = currency.strip().upper()
    if code in _CENTS:
        return USD, _EXACT.divide(amount, 100)
    if not _CODE.fullmatch(code):
        raise _unknown_currency(currency)
    return code, amount


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_SMALLEST, context=_EXACT)


def _check(rate: Rate, known_since: date | None) -> None:
    row = f"{rate.currency} from {rate.since}"
    if rate.currency == USD:
        raise _invalid_rates(f"{row}: a US dollar is always worth one")
    if not (rate.usd.is_finite() and 0 < rate.usd < _RATE_LIMIT):
        raise _invalid_rates(f"{row}: not a rate: {rate.usd}")
    if rate.since == known_since:
        raise _invalid_rates(f"{row}: twice in the table")


def _unknown_currency(currency: object) -> InvalidInputError:
    return InvalidInputError(f"not a currency: {excerpt(currency)}", code="unknown_currency")


def _invalid_rates(reason: str) -> SettingsError:
    return SettingsError(f"exchange rates: {reason}", code="invalid_rates")
