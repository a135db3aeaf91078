"""Answers about the past for many moments: asked as whole ranges where that is exact."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from llm_analytics_hub.alerts.detect.asking import Found, Shape, Wanted
from llm_analytics_hub.alerts.replay_sums import Sums, is_summable, sums_of
from llm_analytics_hub.alerts.replay_windows import BUCKETS, Windows, bucket_of, windows_of
from llm_analytics_hub.alerts.shapes import merged
from llm_analytics_hub.errors import InvalidQueryError

Ask = Callable[[str, Shape, Sequence[str]], Found]
"""Asks as a tenant. Raises: InvalidQueryError where the answer has too many rows."""

WIDTHS = {name: width for width, name in BUCKETS.items()}
PAGE = 720
"""Buckets that are asked for at once."""

MOST_CELLS = 10_000_000
"""Groups times buckets that are held; where there are more, each moment is asked of its own."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

About = tuple[tuple[str, ...], str]
"""By what, and of which events."""


@dataclass
class Need:
    """What all moments together want of some events."""

    start: datetime
    end: datetime
    edges: list[datetime] = field(default_factory=list)
    measures: dict[str, None] = field(default_factory=dict)

    def add(self, wanted: Wanted) -> None:
        """One more question."""
        shape = wanted.shape
        self.start, self.end = min(self.start, shape.start), max(self.end, shape.end)
        self.edges += (shape.start, shape.end)
        self.measures |= dict.fromkeys(filter(is_summable, wanted.measures))


@dataclass
class BucketNeed:
    """What all moments together want of windows that are buckets."""

    granularity: str
    start: datetime
    end: datetime
    measures: dict[str, None] = field(default_factory=dict)


class ReplayAnswers:
    """Answers one tenant's questions of moments that are `step` apart."""

    def __init__(self, ask: Ask, tenant: str, step: timedelta) -> None:
        self._ask, self._tenant, self._step = ask, tenant, step
        self._sums: Mapping[About, Sums] = {}
        self._windows: Mapping[About, Windows] = {}
        self.asked = 0

    def prepare(self, wants: Sequence[Wanted]) -> None:
        """Ask the ranges that the first and the last moment lie in, where that answers them all."""
        needs: dict[About, Need] = {}
        for wanted in wants:
            about = (wanted.shape.by, wanted.shape.where)
            need = needs.setdefault(about, Need(wanted.shape.start, wanted.shape.end))
            need.add(wanted)
        found = {about: self._summed(about, need) for about, need in needs.items() if need.measures}
        self._sums = {about: sums for about, sums in found.items() if sums is not None}
        windows = {
            about: self._bucketed(about, need) for about, need in self._buckets(wants).items()
        }
        self._windows = {about: one for about, one in windows.items() if one is not None}

    def answers(self, wants: Sequence[Wanted]) -> Mapping[Wanted, Found | InvalidQueryError]:
        """The answer to each; those that nothing is known of are asked together where they are alike."""
        found: dict[Wanted, Found | InvalidQueryError] = {}
        for one in dict.fromkeys(wants):
            known = self._known(one)
            if known is not None:
                found[one] = known
        questions = merged(one for one in wants if one not in found)
        replies = {
            id(one): self._reply(one.shape, tuple(one.measures)) for one in questions.values()
        }
        return found | {wanted: replies[id(one)] for wanted, one in questions.items()}

    def _known(self, wanted: Wanted) -> Found | None:
        about = (wanted.shape.by, wanted.shape.where)
        sums = self._sums.get(about)
        if sums is not None and sums.grids.keys() >= set(wanted.measures):
            return sums.found(wanted.shape, wanted.measures)
        if about in self._windows and bucket_of(wanted.shape, self._step):
            return self._windows[about].found(wanted.shape, wanted.measures)
        return None

    def _buckets(self, wants: Sequence[Wanted]) -> Mapping[About, BucketNeed]:
        """What does not add up, but is asked of whole buckets."""
        needs: dict[About, BucketNeed] = {}
        for wanted in wants:
            shape, name = wanted.shape, bucket_of(wanted.shape, self._step)
            if name is None or all(map(is_summable, wanted.measures)):
                continue
            about = (shape.by, shape.where)
            need = needs.setdefault(about, BucketNeed(name, shape.start, shape.end))
            need.start, need.end = min(need.start, shape.start), max(need.end, shape.end)
            need.measures |= dict.fromkeys(wanted.measures)
        return needs

    def _bucketed(self, about: About, need: BucketNeed) -> Windows | None:
        length, measures = PAGE * self._step, tuple(need.measures)
        parts: list[Found] = []
        for start, end in _pages(need.start, need.end, length):
            part = self._reply(Shape(*about, start, end, need.granularity), measures)
            if isinstance(part, InvalidQueryError):
                return None
            parts.append(part)
        return windows_of(_joined(parts), measures)

    def _reply(self, shape: Shape, measures: Sequence[str]) -> Found | InvalidQueryError:
        self.asked += 1
        try:
            return self._ask(self._tenant, shape, measures)
        except InvalidQueryError as error:
            return error

    def _summed(self, about: About, need: Need) -> Sums | None:
        """The sums in the longest buckets that all windows are cut by; None where there are none."""
        name = next((name for name, width in WIDTHS.items() if self._is_cut(need, width)), None)
        if name is None:
            return None
        width = WIDTHS[name]
        pages = _pages(need.start, need.end, PAGE * width)
        parts: list[Found] = []
        cells = 0
        for start, end in pages:
            part = self._reply(Shape(*about, start, end, name), tuple(need.measures))
            if isinstance(part, InvalidQueryError):
                return None
            parts.append(part)
            cells = max(cells, len(set(part.groups)) * ((need.end - need.start) // width))
            if cells > MOST_CELLS:
                return None
        return sums_of(_joined(parts), need.start, width, (need.end - need.start) // width)

    def _is_cut(self, need: Need, width: timedelta) -> bool:
        edges = all(not (edge - _EPOCH) % width for edge in need.edges)
        return edges and not self._step % width


def _pages(start: datetime, end: datetime, length: timedelta) -> list[tuple[datetime, datetime]]:
    number = -((start - end) // length)
    starts = [start + place * length for place in range(number)]
    return [(one, min(one + length, end)) for one in starts]


def _joined(parts: Sequence[Found]) -> Found:
    first = parts[0]
    return replace(
        first,
        groups=[group for part in parts for group in part.groups],
        times=[time for part in parts for time in part.times or ()],
        values={name: [v for part in parts for v in part.values[name]] for name in first.values},
    )
