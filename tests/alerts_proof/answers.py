"""Answers to the questions of rules, asked of the store as whole days at once.

Four days of moments ask tens of thousands of questions. A question for buckets is answered from the
same buckets of all days; one for a window from its five minutes, which counts and sums add up from.
Windows begin and end with whole five minutes here: rules see what happens up to five minutes late.
"""

import json
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt

from llm_analytics_hub.alerts.detect.asking import Found, Shape
from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.event import INFERENCE

REQUEST = {"field": "event_type", "op": "eq", "value": INFERENCE}
ERROR = {"field": "status", "op": "eq", "value": "error"}
PARTS: Mapping[str, tuple[str, list[object]]] = {
    "error_rate": ("events", [REQUEST, ERROR]),
    "cost_usd_per_request": ("cost_usd", [REQUEST]),
}
"""Ratios to `requests` as what is divided: its measure, and its filters."""

WIDTH = timedelta(minutes=5)
PAGE = timedelta(days=2)


@dataclass(frozen=True)
class Sums:
    """By group and place of a five minutes, how much there was before it."""

    groups: Sequence[Labels]
    before: npt.NDArray[np.float64]


class WholeDays(RuleQuestions):
    """Asks for rules; `asked` is how many questions it asked the store for that."""

    def __init__(self, questions: RuleQuestions, start: datetime, end: datetime) -> None:
        self._store, self._start, self._end = questions, start, end
        self._buckets: dict[tuple[str, tuple[str, ...]], Found] = {}
        self._sums: dict[tuple[str, str], Sums] = {}
        self.asked = 0

    def ask(self, tenant: str, shape: Shape, measures: Sequence[str]) -> Found:
        """See `RuleQuestions.ask`."""
        if shape.granularity is None:
            return self._window(tenant, shape, measures)
        key = (_about(tenant, shape), tuple(measures))
        if key not in self._buckets:
            self._buckets[key] = self._whole(tenant, shape, measures)
        found = self._buckets[key]
        assert found.times is not None
        first, last = bisect_left(found.times, shape.start), bisect_left(found.times, shape.end)
        values = {name: column[first:last] for name, column in found.values.items()}
        return Found(found.groups[first:last], found.times[first:last], values)

    def cancel(self) -> None:
        """See `RuleQuestions.cancel`."""

    def _window(self, tenant: str, shape: Shape, measures: Sequence[str]) -> Found:
        columns = {name: self._column(tenant, shape, name) for name in measures}
        groups = list(dict.fromkeys(group for found in columns.values() for group in found))
        values = {name: [found.get(one) for one in groups] for name, found in columns.items()}
        return Found(groups, None, values)

    def _column(self, tenant: str, shape: Shape, measure: str) -> Mapping[Labels, float]:
        if measure not in PARTS:
            return self._sum(tenant, shape, measure)
        part, filters = PARTS[measure]
        narrower = replace(shape, where=json.dumps([*json.loads(shape.where), *filters]))
        upper = self._sum(tenant, narrower, part)
        lower = self._sum(tenant, shape, "requests")
        return {group: upper.get(group, 0.0) / number for group, number in lower.items() if number}

    def _sum(self, tenant: str, shape: Shape, measure: str) -> Mapping[Labels, float]:
        """The sum of a measure in a window, of each group that has one."""
        key = (_about(tenant, shape), measure)
        if key not in self._sums:
            self._sums[key] = self._summed(tenant, shape, measure)
        sums = self._sums[key]
        values = sums.before[:, self._place(shape.end)] - sums.before[:, self._place(shape.start)]
        pairs = zip(sums.groups, values.tolist(), strict=True)
        return {group: value for group, value in pairs if value or not shape.by}

    def _summed(self, tenant: str, shape: Shape, measure: str) -> Sums:
        found = self._whole(tenant, replace(shape, granularity="5m"), (measure,))
        numbers: dict[Labels, int] = {} if shape.by else {(): 0}
        rows = [numbers.setdefault(group, len(numbers)) for group in found.groups]
        before = np.zeros((len(numbers), self._place(self._end) + 1))
        places = [self._place(time) + 1 for time in found.times or ()]
        np.add.at(before, (rows, places), [value or 0.0 for value in found.values[measure]])
        # Sums of money are a little off zero where nothing is.
        return Sums(list(numbers), before.cumsum(axis=1).round(6))

    def _whole(self, tenant: str, shape: Shape, measures: Sequence[str]) -> Found:
        """All days' rows in order of time."""
        rows: list[tuple[datetime, Labels, tuple[float | None, ...]]] = []
        start = self._start
        while start < self._end:
            end = min(start + PAGE, self._end)
            found = self._store.ask(tenant, replace(shape, start=start, end=end), measures)
            values = zip(*(found.values[name] for name in measures), strict=True)
            rows += zip(found.times or (), found.groups, values, strict=True)
            self.asked += 1
            start = end
        rows.sort(key=lambda row: row[0])
        columns = {name: [row[2][at] for row in rows] for at, name in enumerate(measures)}
        return Found([row[1] for row in rows], [row[0] for row in rows], columns)

    def _place(self, moment: datetime) -> int:
        inside = min(max(moment, self._start), self._end)
        return (inside - self._start) // WIDTH


def _about(tenant: str, shape: Shape) -> str:
    return json.dumps([tenant, shape.by, shape.where, shape.granularity, shape.time_zone])
