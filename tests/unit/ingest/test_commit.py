from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import prometheus_client
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.ingest.codecs.json_body import decode_json
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.receipt import Receipt, Rejection
from llm_analytics_hub.ingest.submission import Decoded, Refused, Submission
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.normalize.normalizer import Rules
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.interface import WriteSet
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
RULES = rules_of(NormalizeSettings())
Row = dict[str, Any]


class Hub:
    """A committer on a store in memory, and a look at what is in it."""

    def __init__(self, rules: Rules = RULES, store: MemoryStore | None = None) -> None:
        self.store = store or MemoryStore()
        self.metrics = Metrics()
        self.committer = Committer(self.store, DedupWindow(), rules, self.metrics)

    def commit(self, *submissions: Submission, at: datetime = NOW) -> list[Receipt]:
        return self.committer.commit(submissions, at)

    def send(self, *rows: Row, at: datetime = NOW, tenant: str = "t", **more: Any) -> Receipt:
        (receipt,) = self.commit(submission(rows, tenant=tenant, **more), at=at)
        return receipt

    def stored(self, tenant: str = "t") -> list[Row]:
        found: list[Row] = self.store.events(EventFilter(tenant, limit=1000)).to_pylist()
        return sorted(found, key=lambda row: (row["source"], row["stream"], row["event_id"]))

    def letters(self, tenant: str = "t") -> list[Row]:
        found: list[Row] = self.store.dead_letters(tenant, (), 1000).to_pylist()
        return found

    def count(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


class FailingStore(MemoryStore):
    """A store that is away as long as it is told to be."""

    is_away = True

    def write(self, rows: WriteSet, /) -> None:
        if self.is_away:
            raise UnavailableError("away")
        super().write(rows)


def event(event_id: Any = "1", **members: Any) -> Row:
    known = {
        "source": "costops",
        "event_type": "cost.recorded",
        "occurred_at": "2025-11-19T09:00:00Z",
    }
    return known | {"event_id": event_id} | members


def submission(
    rows: Sequence[Row], *, tenant: str = "t", door: str = "events", **more: Any
) -> Submission:
    return Submission(tenant, door, Decoded(rows), **more)


# One request as data: per place an event by (source, stream, id), a bad event, or what no codec reads.
IDENTITY = st.tuples(
    st.sampled_from(["costops", "sentinel"]),
    st.sampled_from(["cost", "policy"]),
    st.sampled_from("12"),
)
PLACE = IDENTITY | st.sampled_from(["bad", "unreadable"])
REQUEST = st.tuples(st.sampled_from(["t", "u"]), st.booleans(), st.lists(PLACE, max_size=6))
GROUPS = st.lists(st.lists(REQUEST, min_size=1, max_size=4), max_size=4)


def made(request: tuple[str, bool, list[Any]]) -> Submission:
    tenant, always, places = request
    rows: list[Row] = []
    standing: list[int] = []
    refused = []
    for place, what in enumerate(places):
        if what == "unreadable":
            refused.append(Refused(Rejection(place, "undecodable", "no JSON"), "{"))
            continue
        standing.append(place)
        if what == "bad":
            rows.append(event(latency_ms=-1))
        else:
            source, stream, event_id = what
            rows.append(event(event_id, source=source, stream=stream))
    return Submission(tenant, "events", Decoded(rows, standing, refused), remember_always=always)


@given(GROUPS)
def test_receipts_are_those_of_events_sent_one_after_the_other(groups: list[list[Any]]) -> None:
    hub, known = Hub(), set[Any]()
    for group in groups:
        receipts = hub.commit(*map(made, group))
        assert len(receipts) == len(group)
        for (tenant, _, places), receipt in zip(group, receipts, strict=True):
            sound = [(tenant, *what) for what in places if isinstance(what, tuple)]
            fresh = {what for what in sound if what not in known}
            known |= fresh
            assert receipt.accepted == len(fresh)
            assert receipt.accepted + receipt.duplicates + len(receipt.rejected) == len(places)
            assert [one.index for one in receipt.rejected] == [
                place for place, what in enumerate(places) if isinstance(what, str)
            ]
    for tenant in ("t", "u"):
        stored = [
            (tenant, row["source"], row["stream"], row["event_id"]) for row in hub.stored(tenant)
        ]
        assert stored == sorted(what for what in known if what[0] == tenant)
        refused = [
            r
            for g in groups
            for who, _, places in g
            if who == tenant
            for r in places
            if isinstance(r, str)
        ]
        assert len(hub.letters(tenant)) == len(refused)


def test_a_receipt_comes_after_the_write_or_not_at_all() -> None:
    store = FailingStore()
    hub = Hub(store=store)
    with pytest.raises(UnavailableError):
        hub.send(event())
    store.is_away = False
    assert hub.send(event()) == Receipt(1, 0)
    assert len(hub.stored()) == 1


def test_the_same_id_is_a_repeat_only_of_the_same_tenant_source_and_stream() -> None:
    hub = Hub()
    assert hub.send(event(), event(source="sentinel"), event(stream="policy"), event()) == Receipt(
        3, 1
    )
    assert hub.send(event(), tenant="u") == Receipt(1, 0)


@pytest.mark.parametrize(
    ("stream", "window"),
    [
        ("cost", timedelta(hours=1)),
        ("registry", timedelta(minutes=5)),
        ("observatory", timedelta(minutes=10)),
    ],
)
def test_after_its_window_a_key_is_let_in_again(stream: str, window: timedelta) -> None:
    hub = Hub()
    assert hub.send(event(stream=stream)) == Receipt(1, 0)
    assert hub.send(event(stream=stream), at=NOW + window - timedelta(seconds=1)) == Receipt(0, 1)
    assert hub.send(event(stream=stream), at=NOW + window) == Receipt(1, 0)


@pytest.mark.parametrize("stream", ["policy", "security", "governance"])
def test_a_stream_of_exactly_once_never_lets_a_key_in_again(stream: str) -> None:
    hub = Hub()
    kept = RULES.policies[stream].retention
    assert hub.send(event(stream=stream)) == Receipt(1, 0)
    for later in (timedelta(days=1), kept - timedelta(seconds=1)):
        assert hub.send(event(stream=stream), at=NOW + later) == Receipt(0, 1)


def test_an_import_is_remembered_as_long_as_its_events_are_kept() -> None:
    hub = Hub()
    assert hub.send(event(), remember_always=True) == Receipt(1, 0)
    later = NOW + RULES.policies["cost"].retention - timedelta(seconds=1)
    assert hub.send(event(), remember_always=True, at=later) == Receipt(0, 1)
    assert hub.send(event(), at=later) == Receipt(0, 1)


def test_an_import_makes_nothing_else_of_its_group_remembered() -> None:
    hub = Hub()
    hub.commit(submission([event("1")], remember_always=True), submission([event("2")]))
    assert hub.send(event("1"), event("2"), at=NOW + timedelta(hours=1)) == Receipt(1, 1)


def test_the_same_event_without_an_id_is_a_repeat() -> None:
    hub = Hub()
    assert hub.send(event(None, value=1)) == Receipt(1, 0)
    assert hub.send(event(None, value=1), event(None, value=2)) == Receipt(1, 1)


def test_a_window_of_nothing_notices_repeats_of_one_commit_only() -> None:
    policy = replace(RULES.policies["cost"], dedup_window=timedelta())
    hub = Hub(replace(RULES, policies={**RULES.policies, "cost": policy}))
    assert hub.send(event(), event()) == Receipt(1, 1)
    assert hub.send(event()) == Receipt(1, 0)


def test_a_refused_event_is_kept_with_the_reason() -> None:
    hub = Hub()
    receipt = hub.send(event(), event("2", latency_ms=-1), door="otlp", source="observatory")
    (letter,) = hub.letters()
    assert receipt.rejected == [Rejection(1, "negative_value", "latency_ms: -1 is negative")]
    assert (letter["code"], letter["door"], letter["source"]) == (
        "negative_value",
        "otlp",
        "observatory",
    )
    assert (letter["received_at"], letter["expires_on"]) == (NOW, (NOW + timedelta(days=30)).date())
    assert '"latency_ms": -1' in letter["payload"]


@pytest.mark.parametrize("value", [float("nan"), "\ud800", "é", 10**400])
def test_the_payload_of_a_letter_is_the_event_as_it_was(value: object) -> None:
    hub = Hub()
    bad = event("2", unit=value, latency_ms=-1)
    hub.send(bad)
    (letter,) = hub.letters()
    assert repr(decode_json(letter["payload"].encode())) == repr(bad)


def test_an_event_that_cannot_be_written_down_is_refused_like_any_other() -> None:
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    hub = Hub()
    assert [one.code for one in hub.send(event(attributes={"a": deep})).rejected] == [
        "invalid_attributes"
    ]
    assert len(hub.letters()) == 1


def test_refusals_that_are_letters_already_are_not_kept_again() -> None:
    hub = Hub()
    assert len(hub.send(event(latency_ms=-1), keep_letters=False).rejected) == 1
    assert hub.letters() == []


def test_every_event_is_counted_by_what_became_of_it() -> None:
    hub = Hub()
    hub.send(event(), event(), event("2", latency_ms=-1), event("3", source="my-app"))
    events = "hub_events_total"
    assert hub.count(events, tenant="t", source="costops", outcome="accepted") == 1
    assert hub.count(events, tenant="t", source="costops", outcome="duplicate") == 1
    assert hub.count(events, tenant="t", source="other", outcome="accepted") == 1
    assert hub.count(events, tenant="t", source="costops", outcome="refused") == 1
    assert hub.count("hub_refused_events_total", door="events", code="negative_value") == 1
    assert hub.count("hub_ingest_lag_seconds", source="costops") == 3600
    assert hub.count("hub_dedup_keys") == 2


def test_made_up_sources_make_no_metrics() -> None:
    hub = Hub()
    hub.send(*(event(str(number), source=f"app-{number}") for number in range(50)))
    assert hub.count("hub_events_total", tenant="t", source="other", outcome="accepted") == 50
    assert b"app-" not in prometheus_client.generate_latest(hub.metrics.registry)


def test_contents_that_may_not_be_kept_are_counted() -> None:
    hub = Hub()
    hub.send(event(content={"prompt": "hello"}), event("2"))
    assert hub.count("hub_contents_dropped_total", tenant="t") == 1
