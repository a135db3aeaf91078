"""What a benchmark gives: figures with units, and the table they are printed in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HEADER = ("metric", "value", "target", "ratio to raw", "note")


@dataclass(frozen=True)
class Scale:
    """How much of the full amount is measured."""

    factor: float = 1.0

    def of(self, amount: int) -> int:
        """The part of `amount`, at least 1."""
        return max(1, round(amount * self.factor))


@dataclass(frozen=True)
class Figure:
    """One measured value; `beside` names the figure of the raw engine it is compared with."""

    name: str
    value: float
    unit: str
    target: str = ""
    beside: str = ""
    note: str = ""


def table(figures: Sequence[Figure]) -> str:
    """The figures as a Markdown table; a ratio only where the raw figure was measured too."""
    raw = {figure.name: figure.value for figure in figures}
    rows = [HEADER, ("---",) * len(HEADER), *(_cells(figure, raw) for figure in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _cells(figure: Figure, raw: Mapping[str, float]) -> tuple[str, ...]:
    value = f"{_number(figure.value)} {figure.unit}"
    ratio = f"{figure.value / raw[figure.beside]:.2f}" if figure.beside in raw else ""
    return figure.name, value, figure.target, ratio, figure.note


def _number(value: float) -> str:
    places = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{places}f}"
