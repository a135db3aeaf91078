"""What the readers of a request noticed of single items, for what is refused or repaired alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
"""What stands in a repaired text where its bytes were no UTF-8."""


class Fault(NamedTuple):
    """Why an item was refused, or what was repaired about it."""

    code: str
    message: str


class Unreadable(Fault):
    """Stands for a value that could not be read; its item cannot be stored."""


INVALID_UTF8: Final = Fault("invalid_utf8", "a text was no UTF-8; U+FFFD stands for the bad bytes")


TOO_DEEP: Final = Unreadable("attributes_too_deep", "a value is nested too deeply to be read")
TOO_DEEP_TEXT: Final = f"{REPLACEMENT}hub: nested too deeply"
"""What stands in JSON where it was cut."""


@dataclass
class Notes:
    """Faults and repairs by an item's place in its request.

    `is_suspect`: texts were repaired or values could not be read, and nobody noted where: look
    for REPLACEMENT and `Unreadable` among the values. Sound requests need not be looked through.
    """

    faults: dict[int, Fault] = field(default_factory=dict)
    repairs: dict[int, list[Fault]] = field(default_factory=dict)
    is_suspect: bool = False

    def repaired(self, place: int, fault: Fault) -> None:
        """Note one more repair of an item."""
        self.repairs.setdefault(place, []).append(fault)


def found_in(values: object) -> Fault | None:
    """The first thing wrong in a value or what lies in it; Unreadable before all else."""
    repaired: Fault | None = None
    for value in _leaves(values):
        if isinstance(value, Unreadable):
            return value
        if value == TOO_DEEP_TEXT:
            return TOO_DEEP
        if isinstance(value, str) and REPLACEMENT in value:
            repaired = INVALID_UTF8
    return repaired


def _leaves(values: object) -> Iterator[object]:
    """Every value and key, not recursive: what is looked through may be nested deeply."""
    waiting = [values]
    while waiting:
        value = waiting.pop()
        if isinstance(value, Mapping):
            waiting += [*value.keys(), *value.values()]
        elif isinstance(value, Sequence) and not isinstance(value, str | bytes | Fault):
            waiting += value
        else:
            yield value
