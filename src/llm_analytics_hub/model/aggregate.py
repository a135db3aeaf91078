"""How a measure is made of events: values that every store knows how to compute."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Where:
    """Events that count: `field` has one of `values`."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Count:
    """The number of events for which every condition holds and every column of `known` is known."""

    where: tuple[Where, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reduce:
    """One number from a column: sum, avg, min, max or last (by time); null if all are null.

    Of the events for which every condition holds and every column of `known` is known.
    """

    how: str
    column: str
    where: tuple[Where, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True)
class Quantile:
    """A quantile of a column by t-digest: within 1 % of rank for 10,000 values and more."""

    column: str
    level: float


@dataclass(frozen=True)
class Distinct:
    """How many different values: exact for small sets, within 1 % for large ones."""

    column: str


@dataclass(frozen=True)
class Ratio:
    """One count or sum by another, times a constant; null where the second is 0 or unknown."""

    part: Count | Reduce
    whole: Count | Reduce
    times: float = 1


@dataclass(frozen=True)
class PerSecond:
    """A count or sum by the seconds of its bucket that lie in the range of the question."""

    of: Count | Reduce


Aggregate = Count | Reduce | Quantile | Distinct | Ratio | PerSecond


def in_words(wanted: Aggregate) -> str:
    """How a measure aggregates, in words for people."""
    match wanted:
        case Count(where, known):
            return f"number of events{_condition(where, known)}"
        case Reduce("last", column, where, known):
            return f"latest {column}{_condition(where, known)}"
        case Reduce(how, column, where, known):
            return f"{how} of {column}{_condition(where, known)}"
        case Quantile(column, level):
            return f"{level:g} quantile of {column}, from mergeable states"
        case Distinct(column):
            return f"different values of {column}"
        case Ratio(part, whole, times):
            scale = f", times {times:g}" if times != 1 else ""
            return f"({in_words(part)}) by ({in_words(whole)}){scale}"
        case PerSecond(of):
            return f"({in_words(of)}) by the seconds of the bucket"


def _condition(where: tuple[Where, ...], known: tuple[str, ...]) -> str:
    parts = [f"{part.field} is {' or '.join(map(repr, part.values))}" for part in where]
    parts += [f"{column} is known" for column in known]
    return f" where {' and '.join(parts)}" if parts else ""
