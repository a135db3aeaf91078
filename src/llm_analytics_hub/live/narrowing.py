"""Which of many filters a batch may pass at all: by the texts that a filter wants a field to have."""

from collections import defaultdict
from collections.abc import Iterable

from llm_analytics_hub.live.matching import LiveBatch
from llm_analytics_hub.model.catalogue import TEXT_DIMENSIONS
from llm_analytics_hub.model.query import All, Condition, Filter, Op

_SHARED = "tenant"
"""Most filters have it in common, so it narrows least."""


class Narrowed:
    """Filters by what they want; one that wants no text of a field may pass always."""

    def __init__(self, filters: Iterable[Filter]) -> None:
        self._always: list[Filter] = []
        self._wanting: dict[str, dict[str, list[Filter]]] = {}
        for one in filters:
            self._add(one)

    def among(self, batch: LiveBatch) -> list[Filter]:
        """The filters of which the events of `batch` have a text that they want."""
        found = list(self._always)
        for field, by_text in self._wanting.items():
            # A filter that wants one of several texts is found by each of them.
            chosen = {
                id(one): one for text in batch.texts(field)[0] for one in by_text.get(text, ())
            }
            found += chosen.values()
        return found

    def _add(self, wanted: Filter) -> None:
        condition = _narrowest(wanted)
        if condition is None:
            self._always.append(wanted)
            return
        by_text = self._wanting.setdefault(condition.field, defaultdict(list))
        for text in condition.values:
            by_text[str(text)].append(wanted)


def _narrowest(wanted: Filter) -> Condition | None:
    """A condition that must hold and says which texts a field has; not the tenant's, if others do."""
    match wanted:
        case Condition(field, Op.EQ | Op.IN, values) if field in TEXT_DIMENSIONS:
            return wanted if all(isinstance(one, str) and one for one in values) else None
        case All(parts):
            found = [one for one in map(_narrowest, parts) if one is not None]
            return min(found, key=lambda one: one.field == _SHARED, default=None)
        case _:
            return None
