"""A bad deploy fills no disk: beyond its limit a tenant's refusals are told and counted only."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.letter_room import LetterLimits, LetterRoom
from llm_analytics_hub.ingest.metric_commit import MetricCommitter
from llm_analytics_hub.ingest.metric_point import DecodedMetrics
from llm_analytics_hub.ingest.receipt import Receipt, Rejection
from llm_analytics_hub.ingest.submission import Decoded, Refused, Submission
from llm_analytics_hub.model.stream import POLICIES
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.interface import WriteSet
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
RULES = rules_of(NormalizeSettings())


class AskedStore(MemoryStore):
    """A store that counts the questions about letters, and is away when told so."""

    is_away = False
    asked = 0

    def write(self, rows: WriteSet, /) -> None:
        if self.is_away:
            raise UnavailableError("away")
        super().write(rows)

    def count_dead_letters(self) -> Any:
        self.asked += 1
        return super().count_dead_letters()


class Hub:
    """Committers on a store in memory with room for few letters."""

    def __init__(self, per_tenant: int = 3, payload_characters: int = 1000) -> None:
        self.store = AskedStore()
        self.metrics = Metrics()
        self.room = LetterRoom(self.metrics, LetterLimits(per_tenant, payload_characters))
        self.committer = Committer(
            self.store, DedupWindow(), RULES, self.metrics, room=self.room
        )  # fmt: skip
        self.points = MetricCommitter(
            self.store, POLICIES["observatory"], self.metrics, room=self.room
        )

    def send(self, *rows: dict[str, Any], tenant: str = "t") -> Receipt:
        return self.committer.commit([Submission(tenant, "events", Decoded(rows))], NOW)[0]

    def letters(self, tenant: str = "t") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.store.dead_letters(tenant, (), 1000).to_pylist()
        return found

    def count(self, name: str, **labels: str) -> float:
        return self.metrics.registry.get_sample_value(name, labels) or 0.0


def bad(number: int, **members: Any) -> dict[str, Any]:
    known = {"source": "llm-cost-ops", "event_type": "a.b", "occurred_at": NOW.isoformat()}
    return known | {"event_id": str(number), "latency_ms": -1} | members


def test_beyond_the_limit_refusals_are_told_and_counted_but_not_kept() -> None:
    hub = Hub(3)
    assert not hub.room.is_full("t")
    assert len(hub.send(*map(bad, range(5))).rejected) == 5
    assert len(hub.send(bad(6)).rejected) == 1
    assert sorted(row["payload"][-20:] for row in hub.letters()) == sorted(
        f'"{number}", "latency_ms": -1}}'[-20:] for number in range(3)
    )
    assert hub.room.is_full("t")
    assert hub.count("hub_dead_letters_dropped_total", tenant="t") == 3
    assert hub.count("hub_refused_events_total", door="events", code="negative_value") == 6
    assert hub.count("hub_events_total", tenant="t", source="costops", outcome="refused") == 6


def test_one_tenants_letters_leave_the_room_of_another() -> None:
    hub = Hub(1)
    groups = [Submission(tenant, "events", Decoded([bad(1), bad(2)])) for tenant in "tut"]
    hub.committer.commit(groups, NOW)
    assert (len(hub.letters("t")), len(hub.letters("u"))) == (1, 1)
    assert hub.count("hub_dead_letters_dropped_total", tenant="t") == 3
    assert hub.count("hub_dead_letters_dropped_total", tenant="u") == 1


def test_metric_points_share_the_room() -> None:
    hub = Hub(3)
    hub.send(bad(1), bad(2))
    refused = [Refused(Rejection(place, "no_value", "none"), "{}") for place in range(3)]
    receipt = hub.points.commit("t", DecodedMetrics([], refused), NOW)
    assert (len(receipt.rejected), len(hub.letters())) == (3, 3)
    assert hub.count("hub_dead_letters_dropped_total", tenant="t") == 2


def test_what_leaves_makes_room_and_what_was_not_stored_takes_none() -> None:
    hub = Hub(2)
    hub.send(bad(1), bad(2))
    hub.room.gone("t", hub.store.purge_dead_letters("t", ()))
    hub.store.is_away = True
    with pytest.raises(UnavailableError):
        hub.send(bad(3), bad(4), bad(5))
    hub.store.is_away = False
    assert not hub.room.is_full("t")
    hub.send(bad(3), bad(4))
    assert len(hub.letters()) == 2
    assert hub.count("hub_dead_letters_dropped_total", tenant="t") == 0


def test_what_was_kept_before_counts_and_the_store_is_not_asked_again() -> None:
    hub = Hub(2)
    hub.room.learn({"t": 1})
    for number in range(5):
        hub.send(bad(number))
    assert (len(hub.letters()), hub.store.asked) == (1, 0)


def test_a_limit_of_none_keeps_none() -> None:
    hub = Hub(0)
    assert len(hub.send(bad(1)).rejected) == 1
    assert (hub.letters(), hub.room.is_full("t")) == ([], True)


def test_a_payload_is_cut_at_its_limit() -> None:
    hub = Hub(payload_characters=50)
    hub.send(bad(1, unit="x" * 100))
    assert [len(row["payload"]) for row in hub.letters()] == [50]


def test_letters_of_the_same_moment_and_place_are_several() -> None:
    hub = Hub(100)
    nothing = Decoded((), (), [Refused(Rejection(0, "undecodable", "no JSON"), "")])
    for _ in range(2):
        hub.committer.commit([Submission("t", "events", nothing)] * 3, NOW)
    assert len({row["letter_id"] for row in hub.letters()}) == 6


def test_a_letter_knows_its_source_its_subject_and_when_it_came() -> None:
    hub = Hub()
    came = NOW - timedelta(seconds=2)
    why = Rejection(0, "defect", "ours")
    refused = Refused(why, "{}", "{}", subject="registry.events.x", received_at=came)
    sent = Submission("t", "ingest/registry", Decoded((), (), [refused]), source="registry")
    hub.committer.commit([sent], NOW)
    hub.send(bad(1), bad(2, source="no name!" * 99))
    told = {(row["source"], row["subject"], row["received_at"]) for row in hub.letters()}
    assert told == {
        ("costops", "", NOW), ("", "", NOW), ("registry", "registry.events.x", came)
    }  # fmt: skip
