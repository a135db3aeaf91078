"""Numbers as people read them: short on the page, exact where they point."""

from dataclasses import dataclass
from decimal import Decimal

Number = int | float | Decimal

UNKNOWN = "—"
_STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_SHORTENED_FROM = 10_000


def short(value: Number | None) -> str:
    """`1,234`, `12.3k`, `4.56M`; three digits that count."""
    if value is None:
        return UNKNOWN
    number = float(value)
    if abs(number) < _SHORTENED_FROM:
        return f"{number:,.0f}" if number == int(number) else f"{number:,.2f}"
    for size, letter in _STEPS:
        # 999,950 is 1M, not 1000k.
        if abs(number) >= size * 0.9995:
            return _three_digits(number / size) + letter
    return f"{number:,.0f}"


def short_usd(value: Number | None) -> str:
    """`$0.0042`, `$12.30`, `$45.6k`; the unit is on the label as well."""
    if value is None:
        return UNKNOWN
    number = float(value)
    if number and abs(number) < 0.01:
        return f"${number:.2g}"
    return f"${short(value)}" if abs(number) >= _SHORTENED_FROM else f"${number:,.2f}"


def milliseconds(value: Number | None) -> str:
    """`820`, `3,818`; the unit stands beside it."""
    if value is None:
        return UNKNOWN
    return f"{float(value):,.0f}" if value >= 10 else f"{float(value):.2f}"


def percent(ratio: Number | None) -> str:
    """A ratio from 0 to 1 in per cent: `1.21 %`."""
    return UNKNOWN if ratio is None else f"{float(ratio) * 100:.2f} %"


def exact(value: Number | None, unit: str = "") -> str:
    """Every digit there is, thousands separated: `1,234,567 tokens`."""
    if value is None:
        return "unknown"
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return f"{text} {unit}".rstrip()


@dataclass(frozen=True)
class Change:
    """How a number moved: in words, and whether it rose (1), fell (-1) or stayed (0)."""

    words: str
    direction: int


def relative_change(now: Number | None, before: Number | None) -> Change | None:
    """By how many per cent `now` is above `before`; None where that has no answer."""
    if now is None or not before:
        return None
    times = float(now) / float(before)
    change = (times - 1) * 100
    return Change(_change_words(times, abs(change)), _direction(change, 0.05))


def _change_words(times: float, percents: float) -> str:
    # Against almost nothing, per cents say no more than "much".
    if times >= 1000:
        return "over 1000 times"
    if times >= 10:
        return f"{times:,.0f} times"
    return f"{percents:.0f} %" if percents >= 100 else f"{percents:.1f} %"


def point_change(now: Number | None, before: Number | None) -> Change | None:
    """The difference of two ratios in percentage points."""
    if now is None or before is None:
        return None
    change = (float(now) - float(before)) * 100
    return Change(f"{abs(change):.2f} points", _direction(change, 0.005))


def _direction(change: float, noise: float) -> int:
    return 0 if abs(change) < noise else (1 if change > 0 else -1)


def _three_digits(number: float) -> str:
    digits = 0 if abs(number) >= 99.95 else 1 if abs(number) >= 9.995 else 2
    return f"{number:,.{digits}f}"
