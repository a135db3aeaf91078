"""The silences of a tenant as of one moment, asked for many alerts."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from llm_analytics_hub.alerts.routing.matchers import compiled
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.routing import Silence

_MOST_KEPT = 50_000


class Silencer:
    """Finds the silences of labels; labels that were asked before cost a look-up."""

    def __init__(self, silences: Sequence[Silence]) -> None:
        self._silences = [(compiled(one.match), one) for one in silences]
        self._known: dict[Labels, tuple[Silence, ...]] = {}

    def silence(self, labels: Labels, now: datetime) -> Silence | None:
        """The silence that is in force and ends last."""
        found = [one for one in self._matching(labels) if one.starts <= now < one.ends]
        return max(found, key=lambda one: one.ends, default=None)

    def freed(self, labels: Labels, now: datetime) -> datetime | None:
        """When the last silence of these labels ended; None if there was none."""
        ends = [one.ends for one in self._matching(labels) if one.starts < one.ends <= now]
        return max(ends, default=None)

    def boundary(self, now: datetime) -> datetime | None:
        """When the next silence starts or ends."""
        moments = [moment for _, one in self._silences for moment in (one.starts, one.ends)]
        return min((moment for moment in moments if moment > now), default=None)

    def _matching(self, labels: Labels) -> tuple[Silence, ...]:
        if not self._silences:
            return ()
        found = self._known.get(labels)
        if found is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            pairs: Mapping[str, str] = dict(labels)
            found = tuple(one for fits, one in self._silences if fits(pairs))
            self._known[labels] = found
        return found
