"""Match rules on the stream: with a real book, over restarts, and where the stream passed events over."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa
import pytest
import xxhash

from llm_analytics_hub.alerts.alert_book import AlertBook, Matched
from llm_analytics_hub.alerts.matching import LOOKED_BACK, MatchRules
from llm_analytics_hub.alerts.rules.book import RuleBook
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.live.stream import LAST_KEY, LiveStream, Published
from llm_analytics_hub.model.alerts.alert import Alert, Phase, Transition
from llm_analytics_hub.model.event import EVENT_SCHEMA
from llm_analytics_hub.model.query import Arrivals
from llm_analytics_hub.storage.alert_store import Places
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .making import NOW as NOON

THREATS = {
    "name": "threats", "kind": "match", "severity": "critical", "by": ["service"],
    "where": [{"field": "event_type", "op": "prefix", "value": "threat."}], "resolve_after": "10m",
}  # fmt: skip
pytestmark = pytest.mark.timeout(60)


def commit(
    received_at: datetime, *events: dict[str, Any], tenant: str = "default"
) -> pa.RecordBatch:
    rows = [
        {
            "tenant": tenant, "source": "sentinel", "stream": "security", "event_id": f"e{number}",
            "event_type": "threat.detected", "service": "chat", "occurred_at": received_at,
            "received_at": received_at, "key_until": NOON, "expires_on": NOON.date(),
            "event_key": xxhash.xxh64_intdigest(f"{tenant}{received_at}{number}".encode()),
        } | event
        for number, event in enumerate(events)
    ]  # fmt: skip
    return pa.RecordBatch.from_pylist(rows, schema=EVENT_SCHEMA)


class Hub:
    """What outlives a restart (stores, clock), and what is opened anew by `start`."""

    def __init__(self, *bodies: dict[str, Any]) -> None:
        self.clock, self.store, self.alerts = ManualClock(NOON), MemoryStore(), MemoryAlertStore()
        rules = RuleBook(self.alerts, (), self.clock)
        for body in bodies or (THREATS,):
            rules.put("default", body, "me")
        self.told: list[Transition] = []

    def start(self, waiting_rows: int = 100_000) -> None:
        self.stream = LiveStream(self.clock, Metrics(), waiting_rows=waiting_rows)
        self.rules = RuleBook(self.alerts, (), self.clock, lambda: ("default", "other"))
        self.book = AlertBook(self.alerts, self.clock, self.told.extend)
        self.matching = MatchRules(self.rules, self.book, self.stream, self.store)
        self.matching.start()

    def stop(self) -> None:
        self.stream.close()
        self.matching.close()
        self.book.close()

    def write(self, *events: dict[str, Any], tenant: str = "default") -> None:
        """Stored and published, a second after what was before."""
        self.clock.set(self.clock.now() + timedelta(seconds=1))
        batch = commit(self.clock.now(), *events, tenant=tenant)
        self.store.write({Table.EVENTS: batch})
        self.stream.publish(batch)

    def shown(self) -> dict[str, tuple[Phase, int]]:
        """By service, of the rule `threats`."""
        found: Sequence[Alert] = self.book.alerts("default")
        mine = [alert for alert in found if alert.rule == "threats"]
        return {dict(alert.labels)["service"]: (alert.phase, alert.count) for alert in mine}

    def fired(self) -> list[str]:
        return [
            dict(one.alert.labels)["service"]
            for one in self.told
            if one.alert.rule == "threats" and one.alert.phase is Phase.FIRING
        ]


def test_events_that_match_fire_once_for_each_group() -> None:
    hub = Hub()
    hub.start()
    hub.write({}, {"service": "search"}, {"event_type": "inference.completed"}, {})
    hub.write({}, {"event_type": "policy.evaluated", "service": "billing"})
    hub.stop()
    assert hub.shown() == {"chat": (Phase.FIRING, 3), "search": (Phase.FIRING, 1)}
    assert sorted(hub.fired()) == ["chat", "search"]


def test_an_alert_tells_the_last_event() -> None:
    hub = Hub()
    hub.start()
    hub.write({"event_id": "first"}, {"event_id": "last", "event_type": "threat.campaign"})
    hub.stop()
    (alert,) = [one for one in hub.book.alerts("default") if one.rule == "threats"]
    assert dict(alert.detail) == {"event_id": "last", "event_type": "threat.campaign"}


def test_a_tenants_rule_sees_that_tenants_events_only() -> None:
    hub = Hub()
    hub.start()
    hub.write({}, tenant="other")
    hub.write({}, {}, tenant="other")
    both = [
        commit(hub.clock.now() + timedelta(seconds=1), {}, tenant=of) for of in ("other", "default")
    ]
    hub.stream.publish(pa.Table.from_batches(both).combine_chunks().to_batches()[0])
    hub.stop()
    assert hub.shown() == {"chat": (Phase.FIRING, 1)}


def test_it_is_over_after_it_was_quiet_for_long_enough() -> None:
    hub = Hub()
    hub.start()
    hub.write({})
    hub.stop()
    rules = [hub.rules.rule("default", "threats")]
    for minute in range(1, 11):
        assert hub.shown()["chat"][0] is Phase.FIRING
        hub.book.quieted(rules, hub.clock.now() + timedelta(minutes=minute))
    assert hub.shown()["chat"][0] is Phase.RESOLVED


def test_what_came_while_nobody_matched_is_matched_at_the_next_start_and_counts_once() -> None:
    hub = Hub()
    hub.start()
    hub.write({}, {})
    hub.stop()
    missed = commit(hub.clock.now() + timedelta(seconds=1), {}, {"service": "search"})
    hub.store.write(
        {Table.EVENTS: missed}
    )  # stored, and the hub was killed before it was published
    hub.clock.set(hub.clock.now() + timedelta(seconds=5))
    hub.start()
    hub.write({})
    hub.stop()
    assert hub.shown() == {"chat": (Phase.FIRING, 4), "search": (Phase.FIRING, 1)}
    assert sorted(hub.fired()) == ["chat", "search"]


def test_what_came_before_alerting_was_open_is_matched() -> None:
    hub = Hub()
    stream = LiveStream(hub.clock, Metrics())
    hub.clock.set(NOON + timedelta(seconds=1))
    early = commit(hub.clock.now(), {})
    hub.store.write({Table.EVENTS: early})
    stream.publish(early)
    rules, book = (
        RuleBook(hub.alerts, (), hub.clock),
        AlertBook(hub.alerts, hub.clock, hub.told.extend),
    )
    MatchRules(rules, book, stream, hub.store).start()
    stream.close()
    assert hub.fired() == ["chat"]


def test_what_the_stream_passed_over_is_read_from_the_store() -> None:
    hub = Hub()
    hub.start(waiting_rows=1)
    with hub.matching._turn:  # holds the stream up
        for number in range(30):
            hub.write({"service": f"s{number}"})
    hub.stop()
    assert hub.shown() == {f"s{number}": (Phase.FIRING, 1) for number in range(30)}


def test_old_events_wake_nobody() -> None:
    hub = Hub()
    hub.start()
    hub.write({"service": "before"})
    hub.stop()
    hub.store.write(
        {Table.EVENTS: commit(hub.clock.now() + timedelta(seconds=1), {"service": "old"})}
    )
    hub.clock.set(hub.clock.now() + LOOKED_BACK + timedelta(minutes=1))
    hub.store.write(
        {Table.EVENTS: commit(hub.clock.now() - timedelta(minutes=5), {"service": "new"})}
    )
    hub.start()
    hub.stop()
    assert sorted(hub.fired()) == ["before", "new"]


def test_a_new_rule_matches_from_now_on_and_a_paused_one_not_at_all() -> None:
    hub = Hub()
    hub.start()
    hub.rules.put("default", THREATS | {"name": "later", "by": []}, "me")
    hub.rules.pause("default", "threats", "me")
    hub.write({})
    hub.stop()
    assert [one.rule for one in hub.book.alerts("default") if one.is_active] == ["later"]


def test_groups_by_an_attribute_have_labels_that_are_not_endless() -> None:
    hub = Hub(THREATS | {"by": ["attributes.team"]})
    hub.start()
    hub.write({"attributes": '{"team": "%s"}' % ("x" * 5_000)}, {"attributes": None})
    hub.stop()
    labels = [
        dict(one.labels)["attributes.team"]
        for one in hub.book.alerts("default")
        if one.rule == "threats"
    ]
    assert sorted(map(len, labels)) == [0, 256]


def test_endless_groups_are_one_beyond_a_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("llm_analytics_hub.alerts.rule_alerts.MOST_GROUPS", 2)
    hub = Hub()
    hub.start()
    hub.write(
        {"service": "a"}, {"service": "b"}, {"service": "c"}, {"service": "d"}, {"service": "a"}
    )
    hub.stop()
    assert hub.shown() == {
        "a": (Phase.FIRING, 2), "b": (Phase.FIRING, 1), "(other)": (Phase.FIRING, 2)
    }  # fmt: skip


def test_a_store_that_is_away_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub()
    hub.start()
    hub.write({})
    hub.stop()
    hub.store.close()
    hub.start()
    published = Published(commit(NOON + timedelta(minutes=1), {"service": "now"}),
                          hub.stream.place, (NOON + timedelta(minutes=1), LAST_KEY))  # fmt: skip
    hub.matching.published(published)
    hub.stop()
    assert "now" in hub.fired()


def test_what_was_passed_over_while_the_store_was_away_is_matched_once_it_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = Hub()
    hub.start(waiting_rows=1)
    arrivals, away = hub.store.arrivals, [True]

    def arrivals_or_not(wanted: Arrivals) -> pa.Table:
        if away[0]:
            raise UnavailableError("away")
        return arrivals(wanted)

    monkeypatch.setattr(hub.store, "arrivals", arrivals_or_not)
    with hub.matching._turn:  # holds the stream up
        for number in range(5):
            hub.write({"service": f"s{number}"})
    hub.stream.close()
    away[0] = False
    published = commit(hub.clock.now() + timedelta(seconds=1), {"service": "s4"})
    place = (hub.clock.now() + timedelta(seconds=1), LAST_KEY)
    hub.matching.published(Published(published, hub.stream.place, place))
    hub.matching.published(Published(published.slice(0, 0), place, place))
    hub.stop()
    assert hub.shown() == {
        **{f"s{number}": (Phase.FIRING, 1) for number in range(4)},
        "s4": (Phase.FIRING, 2),
    }
    assert hub.book.places()["default"] == place


def test_a_rule_that_fails_has_no_other_count_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub()
    hub.start()
    matched, failures = hub.book.matched, [ValueError("a defect"), ValueError("again")]

    def matched_or_not(matches: Sequence[Matched], places: Places) -> list[Transition]:
        found = matched(matches, places)
        if matches and failures:
            raise failures.pop()
        return found

    monkeypatch.setattr(hub.book, "matched", matched_or_not)
    place = hub.stream.place
    for number in range(1, 4):
        events = commit(NOON + timedelta(seconds=number), {})
        hub.store.write({Table.EVENTS: events})
        before, place = place, (NOON + timedelta(seconds=number), LAST_KEY)
        with suppress(ValueError):
            hub.matching.published(Published(events, before, place))
    hub.stop()
    assert hub.shown() == {"chat": (Phase.FIRING, 3)}


def test_a_defect_while_it_catches_up_does_not_keep_alerting_from_starting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub = Hub()
    hub.start()
    hub.write({"service": "first"})
    hub.stop()

    def broken(wanted: Arrivals) -> pa.Table:
        raise ValueError("a defect")

    monkeypatch.setattr(hub.store, "arrivals", broken)
    hub.clock.set(hub.clock.now() + timedelta(seconds=5))
    hub.start()
    hub.write({})
    hub.stop()
    assert sorted(hub.fired()) == ["chat", "first"]
