"""Match rules on the live stream: every stored event is looked at once, also over restarts."""

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from llm_analytics_hub.alerts.alert_book import AlertBook, Matched
from llm_analytics_hub.alerts.evaluation import Rules
from llm_analytics_hub.errors import HubError
from llm_analytics_hub.live.matching import LiveBatch, Rows
from llm_analytics_hub.live.narrowing import Narrowed
from llm_analytics_hub.live.stream import LiveStream, Published
from llm_analytics_hub.model.alerts.alert import Finding
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.alerts.rule import MatchCondition, Rule
from llm_analytics_hub.model.query import All, Any, Arrivals, Condition, Op, Place
from llm_analytics_hub.storage.interface import EventReader

log = structlog.get_logger(__name__)

PAGE = 1_000
LONGEST_LABEL = 256
"""Characters of a label: the rest of a longer value is cut off."""

LOOKED_BACK = timedelta(hours=1)
"""Events that arrived longer ago, while nobody matched, wake nobody any more."""

MOST_GAPS = 1_000


@dataclass
class _Gap:
    """Events of a tenant still to be read from the store; `is_late`: later ones were matched before."""

    tenant: str
    after: Place
    end: Place
    is_late: bool = False


class MatchRules:
    """Looks at each commit as it is published; what it missed is read from the store first."""

    def __init__(
        self, rules: Rules, book: AlertBook, stream: LiveStream, reader: EventReader
    ) -> None:
        self._rules, self._book, self._stream, self._reader = rules, book, stream, reader
        self._turn = threading.Lock()
        self._by_tenant: Mapping[str, Sequence[Rule]] = {}
        self._narrowed = _narrowed(())
        self._seen: Place = stream.place
        self._gaps: list[_Gap] = []
        rules.on_change(self.rules_changed)

    def start(self) -> None:
        """Look at what was missed since the last run, then at every commit."""
        self.rules_changed()
        with self._turn:  # the stream waits for it
            self._seen = self._stream.listen(self.published)
            # Who was never matched for begins where the hub did: it serves before alerting is open.
            began = dict.fromkeys(self._by_tenant, self._stream.began)
            self._catch_up({**began, **self._book.places()}, self._seen)

    def close(self) -> None:
        """Look no more. Idempotent."""
        self._stream.leave(self.published)

    def rules_changed(self) -> None:
        """Take the rules up as they are now."""
        with self._turn:  # read within, or of two at a time the older rules might be the last
            found: dict[str, list[Rule]] = defaultdict(list)
            for rule in self._rules.rules():
                if isinstance(rule.condition, MatchCondition) and not rule.is_paused:
                    found[rule.tenant].append(rule)
            self._by_tenant = found
            self._narrowed = _narrowed(rule for rules in found.values() for rule in rules)

    def published(self, published: Published) -> None:
        """Look at one commit."""
        with self._turn:
            by_tenant = self._by_tenant
            try:
                if published.before != self._seen:
                    self._catch_up(dict.fromkeys(by_tenant, self._seen), published.before)
                elif self._gaps:
                    self._read_gaps(published.before)
                matches = _matches(published.batch, self._narrowed)
                self._book.matched(matches, dict.fromkeys(by_tenant, published.place))
            finally:
                # What one rule fails on must not have all others count it again and again.
                self._seen = published.place

    def _catch_up(self, places: Mapping[str, Place], end: Place) -> None:
        for tenant in self._by_tenant:
            if (after := places.get(tenant)) is not None:
                self._gaps.append(_Gap(tenant, _not_too_old(tenant, after, end), end))
        self._read_gaps(end)

    def _read_gaps(self, now: Place) -> None:
        """Match what is in the gaps; while the store is away they stay, to be read with later events."""
        gaps, self._gaps = self._gaps, []
        for gap in gaps:
            try:
                self._read(gap, self._by_tenant.get(gap.tenant, ()))
            except HubError as error:
                log.error("events were not matched", tenant=gap.tenant, error=error.message)
                gap.is_late = True
                if error.retryable and gap.end[0] >= now[0] - LOOKED_BACK:
                    self._gaps.append(gap)
            except Exception:
                log.exception("events were not matched", tenant=gap.tenant)
        del self._gaps[:-MOST_GAPS]

    def _read(self, gap: _Gap, rules: Sequence[Rule]) -> None:
        """Match what was stored in a gap; it gets smaller with each page."""
        wanted = Any(tuple(_condition(rule).filter for rule in rules))
        narrowed = _narrowed(rules)
        while rules and gap.after < gap.end:
            found = self._reader.arrivals(Arrivals(gap.tenant, wanted, gap.after, PAGE))
            places = list(zip(*(found[c].to_pylist() for c in _PLACE), strict=True))
            size = sum(place <= gap.end for place in places)
            gap.after = places[size - 1] if size == PAGE else gap.end
            batches = found.slice(0, size).combine_chunks().to_batches()
            matches = [one for batch in batches for one in _matches(LiveBatch(batch), narrowed)]
            self._book.matched(matches, {} if gap.is_late else {gap.tenant: gap.after})


_PLACE = ("received_at", "event_key")


def _not_too_old(tenant: str, after: Place, end: Place) -> Place:
    oldest = end[0] - LOOKED_BACK
    if after[0] >= oldest:
        return after
    log.warning("events that arrived long ago are not matched", tenant=tenant, before=str(oldest))
    return (oldest, 0)


def _matches(batch: LiveBatch, narrowed: Narrowed[Rule]) -> list[Matched]:
    found: list[Matched] = []
    for rule, rows in narrowed.passing(batch):
        found += _groups(batch, rule, rows)
    return found


def _narrowed(rules: Iterable[Rule]) -> Narrowed[Rule]:
    return Narrowed((_filter(rule), rule) for rule in rules)


def _filter(rule: Rule) -> All:
    return All((Condition("tenant", Op.EQ, (rule.tenant,)), _condition(rule).filter))


def _groups(batch: LiveBatch, rule: Rule, rows: Rows) -> Iterator[Matched]:
    """The events of each group as one match: their number, and what the last of them says."""
    condition = _condition(rule)
    names = sorted(condition.by)
    groups: dict[Labels, list[int]] = defaultdict(list)
    for row in rows:
        groups[tuple((n, batch.text(n, row)[:LONGEST_LABEL]) for n in names)].append(row)
    for labels, members in groups.items():
        last = members[-1]
        detail = (
            ("event_id", batch.text("event_id", last)[:LONGEST_LABEL]),
            ("event_type", batch.text("event_type", last)[:LONGEST_LABEL]),
        )
        finding = Finding(labels, condition.level, None, detail)
        yield Matched(rule, finding, len(members), _received(batch, last))


def _received(batch: LiveBatch, row: int) -> datetime:
    received: datetime = batch.events["received_at"][row].as_py()
    return received


def _condition(rule: Rule) -> MatchCondition:
    assert isinstance(rule.condition, MatchCondition)  # noqa: S101 - these rules are match rules
    return rule.condition
