"""What a shape makes of every document of one layout that answers the same questions alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import TypeAlias

from llm_analytics_hub.integrations.layout import unknown_document
from llm_analytics_hub.integrations.message import Document, Message
from llm_analytics_hub.integrations.reading import Row
from llm_analytics_hub.integrations.unknown import Cells, Question, Questions, Unknown, parts

Make: TypeAlias = Callable[[Cells], object]
Translate: TypeAlias = Callable[[Message], Sequence[Row]]

SUBJECT, RECEIVED_AT, FIRST = 0, 1, 2
"""Places of what a document comes with, and of its own first value."""

_CONSTANTS = (str, int, float, bool, type(None))
_SIMPLE = (*_CONSTANTS, Unknown)


class UnlearntError(Exception):
    """A shape looked at more of a document than a pattern can hold."""


@dataclass(frozen=True)
class Pattern:
    """Makes rows of the values of a document.

    `is_identified`: every row has an id and a time of its own.
    """

    known: tuple[object, ...]
    know: Callable[[Cells], tuple[object, ...]]
    asked: Sequence[Question]
    makes: Sequence[Make]
    is_identified: bool

    def fits(self, cells: Cells) -> bool:
        """Whether a document of the layout answers all that was asked as the first one did."""
        if self.know(cells) != self.known:
            return False
        for question in self.asked:  # noqa: SIM110 - a tenth of the time of all decoding, as a loop
            if question.ask(cells) != question.answer:
                return False
        return True

    def rows(self, cells: Cells) -> list[Row]:
        """New rows, whose values are the document's own."""
        return [make(cells) for make in self.makes]  # type: ignore[misc]


def learn(translate: Translate, document: Document, cells: Cells) -> Pattern:
    """The pattern of a document, whose values are in `cells` after subject and time of arrival.

    Raises: UnlearntError where there is none, and whatever `translate` raises.
    """
    questions = Questions()
    subject, received_at = (Unknown(n, cells[n], questions) for n in (SUBJECT, RECEIVED_AT))
    unknown = unknown_document(document, FIRST, questions)
    rows = translate(Message(unknown, received_at, subject))  # type: ignore[arg-type]
    makes = [_maker(row) for row in rows]
    if questions.is_vain:
        raise UnlearntError
    known, know = tuple(questions.known.values()), _taker(tuple(questions.known))
    return Pattern(known, know, questions.asked, makes, all(map(_is_identified, rows)))


def _is_identified(row: Row) -> bool:
    return row.get("event_id") is not None and row.get("occurred_at") is not None


def _maker(value: object) -> Make:
    if type(value) is Unknown:
        return itemgetter(parts(value)[1])
    if type(value) is dict:
        return _object_maker(value)
    if type(value) is list:
        items = [_maker(item) for item in value]
        return lambda cells: [make(cells) for make in items]
    if type(value) in _CONSTANTS:
        return lambda _: value
    raise UnlearntError


def _object_maker(value: Row) -> Make:
    """Makes a copy of what is the same in every document, and puts the document's values into it."""
    moved = {name: parts(one)[1] for name, one in value.items() if type(one) is Unknown}
    fixed = {name: one if type(one) in _CONSTANTS else None for name, one in value.items()}
    inner = [(name, _maker(one)) for name, one in value.items() if type(one) not in _SIMPLE]
    names, taken = tuple(moved), _taker(tuple(moved.values()))

    def make(cells: Cells) -> Row:
        made = fixed.copy()
        made.update(zip(names, taken(cells), strict=True))
        for name, inside in inner:
            made[name] = inside(cells)
        return made

    return make


def _taker(places: Sequence[int]) -> Callable[[Cells], tuple[object, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    if not places:
        return lambda _: ()
    (place,) = places
    return lambda cells: (cells[place],)
