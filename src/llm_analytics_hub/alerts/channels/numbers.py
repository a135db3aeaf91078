"""Values with their units, as a message says them."""

import math
from collections.abc import Sequence

_STEPS = ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k"))
_BYTES = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_TIMES = ((86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1000, "s"))
_SHORTENED_FROM = 10_000


def humanised(value: float | None, unit: str | None = None) -> str:
    """`12.3 %`, `$45.60`, `1.5 s`, `3.2 MiB`, `12.3k tokens`; `unknown` for None.

    A ratio is told in per cent, bytes in powers of 1024, durations in the unit that fits.
    """
    if value is None:
        return "unknown"
    match unit:
        case "ratio":
            return f"{_plain(value * 100)} %"
        case "USD":
            return _money(value)
        case "ms":
            return _scaled(value, _TIMES, "ms")
        case "s":
            return _scaled(value * 1000, _TIMES, "ms")
        case "bytes":
            return _scaled(value, _BYTES, "B")
        case _:
            return f"{_short(value)} {unit or ''}".rstrip()


def humanised_text(text: str, unit: str | None) -> str:
    """The same of a number that is a text; what is no number stays as it is."""
    try:
        return humanised(float(text), unit)
    except ValueError:
        return text


def _money(value: float) -> str:
    sign, amount = ("-" if value < 0 else ""), abs(value)
    if 0 < amount < 0.01:
        return f"{sign}${amount:.2g}"
    return f"{sign}${_short(amount)}" if amount >= 1e6 else f"{sign}${amount:,.2f}"


def _scaled(value: float, steps: Sequence[tuple[float, str]], smallest: str) -> str:
    for size, name in steps:
        if abs(value) >= size:
            return f"{_plain(value / size)} {name}"
    return f"{_plain(value)} {smallest}"


def _short(value: float) -> str:
    if abs(value) < _SHORTENED_FROM:
        return _plain(value)
    for size, letter in _STEPS:
        # 999,950 is 1M, not 1000k.
        if size * 0.9995 <= abs(value) < math.inf:
            return _plain(value / size) + letter
    return _plain(value)


def _plain(value: float) -> str:
    """Three digits that count, or all of a whole number."""
    if abs(value) < 1e15 and value == int(value):
        return f"{value:,.0f}"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
