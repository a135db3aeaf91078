"""Numbers and spans of time as people read them in an alert."""

from datetime import timedelta

_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def number_text(value: float) -> str:
    """A number with at most six significant digits, whole numbers with all of theirs."""
    if abs(value) < 1e15 and value == int(value):
        return str(int(value))
    return f"{value:.6g}"


def percent_text(ratio: float) -> str:
    """A ratio as a percentage: `80%`, `12.5%`."""
    return f"{number_text(round(ratio * 100, 6))}%"


def change_text(ratio: float) -> str:
    """By how much something changed: `+50%`; from nothing it is new."""
    if ratio in (float("inf"), float("-inf")):
        return "from nothing"
    return f"{'+' if ratio >= 0 else ''}{percent_text(round(ratio, 4))}"


def span_text(span: timedelta) -> str:
    """A span by its two largest units: `2 d 4 h`, `10 min`, `0 s`."""
    left = max(int(span.total_seconds()), 0)
    parts = []
    for name, seconds in _UNITS:
        number, left = divmod(left, seconds)
        parts.append((number, name))
    first = next((place for place, (number, _) in enumerate(parts) if number), len(parts) - 1)
    shown = [f"{number} {name}" for number, name in parts[first : first + 2] if number]
    return " ".join(shown) or "0 s"
