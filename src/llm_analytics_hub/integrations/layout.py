"""How documents are built: names and types of their members, at every depth."""

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from llm_analytics_hub.integrations.message import Document
from llm_analytics_hub.integrations.unknown import Questions, Unknown

_MOST_LAYOUTS = 2_000
_MOST_MEMBERS = 64
_MOST_OBJECTS = 16
"""Larger documents are seldom built alike."""


@dataclass(eq=False)
class Layout:
    """An object's names and types, after those of the objects that stood before it."""

    nested: tuple[int, ...] = ()
    objects: int = 0
    following: "dict[tuple[object, ...], Layout]" = field(default_factory=dict)


class Layouts:
    """All layouts that were seen; those that come when there is no more room are not kept."""

    def __init__(self) -> None:
        self._before = Layout()
        self._size = 0

    def of(self, document: Document, cells: list[object]) -> Layout | None:
        """The layout of a document, whose values join `cells`; None where it is not kept.

        The values of an object stand after those of the objects around and before it.
        """
        layout = self._before
        objects: list[Document] = [document]
        for one in objects:  # grows as objects are found in objects
            values: list[Any] = list(one.values())
            key = (*one, *map(type, values))
            following = layout.following.get(key) or self._new(layout, key, one)
            if following is None:
                return None
            cells += values
            objects += [values[place] for place in following.nested]
            layout = following
        return layout

    def _new(self, before: Layout, key: tuple[object, ...], document: Document) -> Layout | None:
        is_large = len(document) > _MOST_MEMBERS or before.objects >= _MOST_OBJECTS
        if is_large or self._size >= _MOST_LAYOUTS:
            return None
        self._size += 1
        nested = tuple(n for n, one in enumerate(document.values()) if type(one) is dict)
        return before.following.setdefault(key, Layout(nested, before.objects + 1))


def unknown_document(document: Document, first: int, questions: Questions) -> Document:
    """A document whose values are unknown, in the places that `Layouts.of` gives them from `first`.

    What is null, true or false is in it as it is: nobody has to ask to see it.
    """
    whole: dict[str, Any] = {}
    objects: list[tuple[Document, dict[str, Any]]] = [(document, whole)]
    places = count(first)
    for known, unknown in objects:
        for name, value in known.items():
            unknown[name] = _unknown(next(places), value, questions)
            if isinstance(value, dict):
                objects.append((value, unknown[name]))
    return whole


def _unknown(place: int, value: object, questions: Questions) -> object:
    if type(value) is dict:
        return {}
    if type(value) is bool:
        questions.know(place, value)
    return value if value is None or type(value) is bool else Unknown(place, value, questions)
