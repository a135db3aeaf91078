"""Amounts as people write them: 5%, 500ms, 1 s, 20 USD; in the unit of what they limit."""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.measures import Measure

_AMOUNT = re.compile(
    r"\s*(\$?)\s*([+-]?(?:[0-9]{1,30}\.?[0-9]{0,30}|\.[0-9]{1,30})(?:[eE][+-]?[0-9]{1,3})?)"
    r"\s*([A-Za-z%/$0-9]{0,12})\s*"
)
_SECONDS = {"us": "0.000001", "ms": "0.001", "s": "1", "m": "60", "min": "60", "h": "3600"}


@dataclass(frozen=True)
class Unit:
    """A unit, and by what amounts in others are multiplied; `written` follows canonical amounts."""

    name: str
    written: str
    factors: Mapping[str, Decimal]


def _unit(name: str, written: str, **others: str) -> Unit:
    factors = {"": Decimal(1)} | {word: Decimal(factor) for word, factor in others.items()}
    return Unit(name, written, factors)


RATIO = _unit("a ratio (5% or 0.05)", "%", **{"%": "0.01"})
PERCENT = _unit("percent (70%)", "%", **{"%": "1"})
COUNT = _unit("a plain number, without a unit", "")
MILLISECONDS = _unit(
    "a time (500ms or 1s)",
    " ms",
    **{word: str(Decimal(factor) * 1000) for word, factor in _SECONDS.items()},
)
SECONDS = _unit("a time (30s or 5min)", " s", **_SECONDS)
USD = _unit("US dollars (500 USD)", " USD", usd="1", **{"$": "1"})
TOKENS = _unit("tokens (1000 tokens)", " tokens", tokens="1", token="1")  # noqa: S106 - a unit
PER_SECOND = _unit("a rate (10/s)", "/s", **{"/s": "1", "1/s": "1"})
PER_MINUTE = _unit("a rate (10/min)", "/min", **{"/min": "1", "1/min": "1", "/s": "60"})
TOKENS_PER_SECOND = _unit("tokens by second (100 tokens/s)", " tokens/s", **{"tokens/s": "1"})

UNITS: Mapping[str | None, Unit] = {
    None: COUNT, "ratio": RATIO, "%": PERCENT, "ms": MILLISECONDS, "s": SECONDS, "USD": USD,
    "tokens": TOKENS, "tokens/s": TOKENS_PER_SECOND, "1/s": PER_SECOND, "1/min": PER_MINUTE,
}  # fmt: skip
"""By the unit's name in the catalogues."""


def unit_of(measure: Measure) -> Unit:
    """The unit amounts of a measure are in."""
    return UNITS[measure.unit]


def to_amount(given: object, unit: Unit | None) -> float:
    """A number, or a number with its unit as text, in `unit`; None only checks that it is one.

    Raises: InvalidInputError that says what unit it must be.
    """
    if isinstance(given, bool) or not isinstance(given, int | float | str):
        raise _no_amount(given, unit)
    if not isinstance(given, str):
        return _finite(given, given)
    found = _AMOUNT.fullmatch(given) if len(given) <= 100 else None
    if found is None or (found[1] and found[3]):
        raise _no_amount(given, unit)
    number = Decimal(found[2])
    return _finite(number if unit is None else number * _factor(given, found, unit), given)


def amount_text(value: float, unit: Unit) -> str | float:
    """How a value in `unit` is written; `to_amount` gives exactly it back."""
    if not unit.written:
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    number = Decimal(repr(value)) / unit.factors.get(unit.written.strip().lower(), Decimal(1))
    is_short = -15 <= number.adjusted() <= 15
    return f"{number.normalize():f}{unit.written}" if is_short else f"{number}{unit.written}"


def _factor(given: str, found: re.Match[str], unit: Unit) -> Decimal:
    word = (found[1] or found[3]).lower()
    if word not in unit.factors:
        raise InvalidInputError(f"{given!r:.60} has another unit: it must be {unit.name}")
    return unit.factors[word]


def _finite(number: float | Decimal, given: object) -> float:
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise InvalidInputError(f"{given!r:.60} is no finite number")
    return value


def _no_amount(given: object, unit: Unit | None) -> InvalidInputError:
    name = "a number, with its unit or without" if unit is None else unit.name
    return InvalidInputError(f"{given!r:.60} is no amount: it must be {name}")
