"""What a module's shapes do with the documents it sends most, learnt from the first of each kind.

A broker brings thousands of documents that are built alike. Reading one by the tables costs a
hundred small steps, and all of them are the same for all of these.
"""

from dataclasses import dataclass, field

from llm_analytics_hub.integrations.layout import Layout, Layouts
from llm_analytics_hub.integrations.message import Document
from llm_analytics_hub.integrations.pattern import Pattern, Translate, learn
from llm_analytics_hub.integrations.unknown import Cells

_SEEN_BEFORE = 2
"""How many documents of a layout are read by the tables before one is learnt from."""
_MOST_TRIES = 16
"""How often a layout is learnt from: one that asks for ids or texts needs a pattern a document."""


@dataclass(eq=False)
class _Learnt:
    patterns: list[Pattern] = field(default_factory=list)
    seen: int = 0
    tries: int = 0
    fitted: int = 0
    missed: int = 0

    def pattern_for(self, cells: Cells) -> Pattern | None:
        found = next((pattern for pattern in self.patterns if pattern.fits(cells)), None)
        if found is not None:
            self.fitted += 1
            return found
        self.missed += 1
        if self.missed > self.fitted + _MOST_TRIES:
            self.patterns.clear()
        return None

    def is_worth_a_try(self) -> bool:
        self.seen += 1
        return self.seen > _SEEN_BEFORE and self.tries < _MOST_TRIES


class Patterns:
    """The patterns of one module's documents. Not for two threads at once."""

    def __init__(self) -> None:
        self._layouts = Layouts()
        self._learnt: dict[Layout, _Learnt] = {}

    def find(self, translate: Translate, document: Document, cells: list[object]) -> Pattern | None:
        """The pattern that a document fits; None where it is to be read by the tables.

        `cells` are subject and time of arrival; the values of the document join them.
        """
        layout = self._layouts.of(document, cells)
        if layout is None:
            return None
        learnt = self._learnt.get(layout) or self._learnt.setdefault(layout, _Learnt())
        pattern = learnt.pattern_for(cells)
        if pattern is None and learnt.is_worth_a_try():
            pattern = _tried(learnt, translate, document, cells)
        return pattern


def _tried(
    learnt: _Learnt, translate: Translate, document: Document, cells: Cells
) -> Pattern | None:
    learnt.tries += 1
    try:
        pattern = learn(translate, document, cells)
    except Exception:  # noqa: BLE001 - whatever it is, reading the document by the tables tells it
        return None
    learnt.patterns.append(pattern)
    return pattern
