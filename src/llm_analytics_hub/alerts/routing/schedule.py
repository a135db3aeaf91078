"""What is to be looked at when: the soonest first."""

import heapq
from collections.abc import Iterator
from datetime import datetime

from llm_analytics_hub.alerts.routing.group import GroupId


class Schedule:
    """Moments of keys; of several moments of one key the soonest counts."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, GroupId]] = []
        self._moments: dict[GroupId, datetime] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._moments

    def wake(self, key: GroupId, at: datetime | None) -> None:
        """Look at `key` then, if not sooner."""
        if at is None or (key in self._moments and self._moments[key] <= at):
            return
        self._moments[key] = at
        heapq.heappush(self._heap, (at, key))

    def due(self, now: datetime) -> Iterator[GroupId]:
        """Take what is due out, one after the other; what is put back as due comes again."""
        while (moment := self.next()) is not None and moment <= now:
            _, key = heapq.heappop(self._heap)
            del self._moments[key]
            yield key

    def next(self) -> datetime | None:
        """The soonest moment."""
        while self._heap and self._moments.get(self._heap[0][1]) != self._heap[0][0]:
            heapq.heappop(self._heap)
        return self._heap[0][0] if self._heap else None
