"""Values that a shape moves from a document to a row without looking at them.

To learn what a shape does with every document of one layout, it is given a document whose values
are `Unknown`. Whatever it wants to know of one is answered, and the question noted: on a document
that answers all of them alike, the shape does the same. The type of a value needs no question, it
is part of the layout.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Cells: TypeAlias = Sequence[object]
"""The values of a document in the order of its layout."""

_KNOWABLE = frozenset({str, int, bool})
"""Types whose equal values are the same value: 0.0 and -0.0 are not, nor are lists of them."""
_SCALARS = frozenset({str, int, float, bool, type(None)})
_NUMBERS = frozenset({int, float, bool})
_KINDS = _SCALARS | {list, dict}


@dataclass(frozen=True)
class Question:
    """What was asked of the values in some places, and the answer."""

    places: frozenset[int]
    ask: Callable[[Cells], object]
    answer: object


class Questions:
    """All that was asked of the unknown values of a document.

    `known` are values that were looked at, by their places. `is_vain`: something was asked that no
    question stands for, and nothing is learnt.
    """

    def __init__(self) -> None:
        self.known: dict[int, object] = {}
        self.is_vain = False
        self._asked: list[Question] = []

    @property
    def asked(self) -> list[Question]:
        """The questions that the known values do not answer."""
        return [one for one in self._asked if not one.places <= self.known.keys()]

    def ask(self, places: Iterable[int], ask: Callable[[Cells], object], answer: object) -> None:
        """Note a question."""
        self._asked.append(Question(frozenset(places), ask, answer))

    def know(self, place: int, value: object) -> None:
        """Note that the value itself was looked at."""
        self.is_vain |= type(value) not in _KNOWABLE
        self.known[place] = value


class Unknown:
    """A value that is there and has a type; everything else has to be asked.

    It cannot be hashed: a table or a cache would keep it. What Python does with it in C, by its
    type, is a TypeError, and nothing is learnt.
    """

    __slots__ = ("_place", "_questions", "_value")

    def __init__(self, place: int, value: object, questions: Questions) -> None:
        self._place = place
        self._value = value
        self._questions = questions

    def __getattribute__(self, name: str) -> object:
        value, place, questions = parts(self)
        if name == "__class__":
            return type(value)
        questions.know(place, value)
        return getattr(value, name)

    def __bool__(self) -> bool:
        value, place, questions = parts(self)
        questions.ask([place], lambda cells: bool(cells[place]), bool(value))
        return bool(value)

    def __eq__(self, other: object) -> bool:
        if type(other) is Unknown:
            return _are_alike(self, other)
        return _is(self, other)

    def __hash__(self) -> int:
        _, _, questions = parts(self)
        questions.is_vain = True
        raise TypeError("an unknown value has no hash")

    def __str__(self) -> str:
        return str(known(self))

    def __repr__(self) -> str:
        return repr(known(self))

    def __format__(self, form: str) -> str:
        return format(known(self), form)


_VALUE, _PLACE, _QUESTIONS = (
    Unknown.__dict__[name].__get__ for name in ("_value", "_place", "_questions")
)


def parts(unknown: Unknown) -> tuple[object, int, Questions]:
    """The value, where it stands, and who notes questions about it; asks nothing."""
    return _VALUE(unknown), _PLACE(unknown), _QUESTIONS(unknown)


def known(unknown: Unknown) -> object:
    """The value, noted as looked at."""
    value, place, questions = parts(unknown)
    questions.know(place, value)
    return value


def _are_alike(one: Unknown, other: Unknown) -> bool:
    value, place, questions = parts(one)
    against, beside, _ = parts(other)
    if _can_be_equal(value, against):
        questions.ask(
            [place, beside], lambda cells: cells[place] == cells[beside], value == against
        )
    return value == against


def _is(one: Unknown, other: object) -> bool:
    value, place, questions = parts(one)
    if not _can_be_equal(value, other):
        return False
    questions.is_vain |= type(other) not in _SCALARS and other not in ([], {})
    questions.ask([place], lambda cells: cells[place] == other, value == other)
    return value == other


def _can_be_equal(one: object, other: object) -> bool:
    """By their types alone: a text is no number, and no list is empty like an object."""
    kinds = {type(one), type(other)}
    return len(kinds) == 1 or kinds <= _NUMBERS or not kinds <= _KINDS
