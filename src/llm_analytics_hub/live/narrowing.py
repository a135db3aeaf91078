"""Many filters on one batch: each looks only at events that have a text it wants."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Generic, TypeVar

from llm_analytics_hub.live.matching import LiveBatch, Rows, Test, compiled
from llm_analytics_hub.model.catalogue import TEXT_DIMENSIONS
from llm_analytics_hub.model.query import All, Condition, Filter, Op

_SHARED = ("tenant", "source", "stream", "status", "severity", "environment")
"""Fields of few values: they narrow less than others."""

Owner = TypeVar("Owner")


class Narrowed(Generic[Owner]):
    """Filters by a text they want, each with its owner; one that wants none looks at all events."""

    def __init__(self, filters: Iterable[tuple[Filter, Owner]]) -> None:
        self._always: list[tuple[Test, Owner]] = []
        self._wanting: dict[str, dict[str, list[tuple[Test, Owner]]]] = {}
        for wanted, owner in filters:
            self._add(wanted, owner)

    def passing(self, batch: LiveBatch) -> Iterator[tuple[Owner, Rows]]:
        """Those filters' owners that something passes, and the places of what does."""
        for test, owner in self._always:
            if rows := test(batch, batch.every):
                yield owner, rows
        for field, by_text in self._wanting.items():
            for text in batch.texts(field)[0]:
                if wanting := by_text.get(text):
                    mine = batch.rows_with(field, text)
                    for test, owner in wanting:
                        if rows := test(batch, mine):
                            yield owner, rows

    def _add(self, wanted: Filter, owner: Owner) -> None:
        condition = _narrowest(wanted)
        if condition is None:
            self._always.append((compiled(wanted), owner))
            return
        by_text = self._wanting.setdefault(condition.field, defaultdict(list))
        by_text[str(condition.values[0])].append((compiled(_without(wanted, condition)), owner))


def _narrowest(wanted: Filter) -> Condition | None:
    """A condition that must hold and says which text a field has; of several the most telling."""
    match wanted:
        case Condition(field, Op.EQ, (str() as text,)) if field in TEXT_DIMENSIONS and text:
            return wanted
        case All(parts):
            found = [one for one in map(_narrowest, parts) if one is not None]
            return min(found, key=_breadth, default=None)
        case _:
            return None


def _without(wanted: Filter, held: Condition) -> Filter:
    """What is left to look at where `held` holds."""
    if wanted == held:
        return All()
    if isinstance(wanted, All):
        return All(tuple(_without(part, held) for part in wanted.parts))
    return wanted


def _breadth(condition: Condition) -> int:
    return len(_SHARED) - _SHARED.index(condition.field) if condition.field in _SHARED else 0
