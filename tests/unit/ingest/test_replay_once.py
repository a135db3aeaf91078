"""A dead letter comes home once: replayed twice, or sent again meanwhile."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from llm_analytics_hub.bootstrap import Hub, open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.ingest import replay
from llm_analytics_hub.ingest.receipt import Receipt
from llm_analytics_hub.ingest.replay import Replayed
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.integrations.native import decode_native
from llm_analytics_hub.integrations.registry import REGISTRY
from llm_analytics_hub.model.letter import LetterFilter
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.settings import NormalizeSettings, Settings

NOW = datetime(2025, 11, 19, 10, 4, 59, 999_999, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
"""What was too far ahead is none any more, and every dedup window of `cost` is over."""
AHEAD = {"source": "costops", "event_type": "cost.recorded", "occurred_at": "2025-11-22T09:00:00Z"}
SUBJECT = "registry.events.asset.status_changed"
UNTIMED = {"event_type": "asset_status_changed", "asset_id": "01K", "data": {"new_status": "x"}}

MORE = ({}, {"content": {"prompt": "hello"}}, {"event_id": "7"})
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shared_hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """One engine for the tests of this module, each of which has a tenant of its own."""
    full = {f"full{number}": "full" for number in range(len(MORE))}
    kept = NormalizeSettings(contents=full)  # type: ignore[arg-type]
    folder = tmp_path_factory.mktemp("replay") / "hub"
    made = open_hub(Settings(data_dir=folder, normalize=kept), ManualClock(NOW))
    yield made
    made.close()


@pytest.fixture
def hub(shared_hub: Hub) -> Hub:
    """The engine, its clock at `NOW`."""
    go_to(shared_hub, NOW)
    return shared_hub


@pytest.fixture
def tenant() -> str:
    """A tenant of its own."""
    return f"t{os.urandom(8).hex()}"


def go_to(hub: Hub, now: datetime) -> None:
    assert isinstance(hub.clock, ManualClock)
    hub.clock.set(now)


def send(hub: Hub, tenant: str, *rows: dict[str, Any]) -> Receipt:
    return hub.intake.submit(Submission(tenant, "events", Decoded(rows))).result(20)


def send_native(hub: Hub, tenant: str, at: datetime, subject: str = SUBJECT) -> Receipt:
    body = msgspec.json.encode(UNTIMED)
    decoded = decode_native(REGISTRY, body, "application/json", at, subject)
    submission = Submission(tenant, "ingest/registry", decoded, source="registry")
    return hub.intake.submit(submission).result(20)


def stored(hub: Hub, tenant: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = hub.store.events(EventFilter(tenant, limit=5000)).to_pylist()
    return found


def codes(hub: Hub, tenant: str) -> list[str]:
    return [letter["code"] for letter in hub.letters.page(tenant, [], 100)]


@pytest.mark.parametrize("capture", ["off", "full"])
@pytest.mark.parametrize("number", range(len(MORE)))
def test_a_letter_and_the_event_sent_again_are_one(hub: Hub, capture: str, number: int) -> None:
    tenant, more = f"{capture}{number}", MORE[number]
    assert send(hub, tenant, AHEAD | more).rejected
    go_to(hub, LATER)
    assert send(hub, tenant, AHEAD | more) == Receipt(1, 0)
    assert hub.letters.replay(tenant, []) == Replayed(1, 0, 0, {}, repeats=1)
    assert len(stored(hub, tenant)) == 1
    assert hub.letters.page(tenant, [], 10) == []


def test_an_event_sent_again_after_its_replay_is_a_repeat(hub: Hub, tenant: str) -> None:
    send(hub, tenant, AHEAD)
    go_to(hub, LATER)
    assert hub.letters.replay(tenant, []) == Replayed(1, 1, 0, {})
    go_to(hub, LATER + timedelta(days=30))
    assert send(hub, tenant, AHEAD) == Receipt(0, 1)
    assert len(stored(hub, tenant)) == 1


def test_an_event_stored_so_long_ago_that_its_key_is_forgotten_is_a_repeat_of_a_replay(
    hub: Hub,
    tenant: str,
) -> None:
    send(hub, tenant, AHEAD | {"event_id": "1"})
    assert send(
        hub, tenant, AHEAD | {"event_id": "1", "occurred_at": "2025-11-19T09:00:00Z"}
    ).accepted
    go_to(hub, LATER)
    assert hub.letters.replay(tenant, [], dry_run=True) == Replayed(1, 0, 0, {}, repeats=1)
    assert hub.letters.replay(tenant, []) == Replayed(1, 0, 0, {}, repeats=1)
    assert len(stored(hub, tenant)) == 1


def test_letters_of_one_event_bring_it_home_once(hub: Hub, tenant: str) -> None:
    for _ in range(3):
        send(hub, tenant, AHEAD)
    go_to(hub, LATER)
    assert hub.letters.replay(tenant, [], dry_run=True) == Replayed(3, 1, 0, {}, repeats=2)
    assert hub.letters.replay(tenant, []) == Replayed(3, 1, 0, {}, repeats=2)
    assert len(stored(hub, tenant)) == 1


def test_two_who_replay_at_once_store_once(hub: Hub, tenant: str) -> None:
    send(hub, tenant, *(AHEAD | {"event_id": str(number)} for number in range(200)))
    go_to(hub, LATER)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: hub.letters.replay(tenant, []), range(4)))
    assert sum(one.stored for one in done) == len(stored(hub, tenant)) == 200
    assert codes(hub, tenant) == []


def test_a_message_without_id_and_time_has_the_id_of_the_wire_when_it_is_read_again(
    hub: Hub, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It came just before, and is committed just after, a new five minutes begin.
    go_to(hub, NOW + timedelta(microseconds=2))

    def broken(*_: object) -> Sequence[Any]:
        raise InvalidInputError("a defect of ours", code="defect")

    with monkeypatch.context() as patched:
        patched.setattr(type(REGISTRY), "events_of", broken)
        assert send_native(hub, tenant, NOW).rejected[0].code == "defect"
    assert send_native(hub, tenant, NOW) == Receipt(1, 0)
    assert hub.letters.replay(tenant, []) == Replayed(1, 0, 0, {}, repeats=1)
    (event,) = stored(hub, tenant)
    assert event["occurred_at"] == NOW
    assert send_native(hub, tenant, NOW, "registry.events.other") == Receipt(1, 0)


def test_a_dry_run_says_what_would_become_of_letters_and_changes_nothing(
    hub: Hub, tenant: str
) -> None:
    send(hub, tenant, AHEAD, AHEAD | {"latency_ms": -1}, AHEAD | {"event_id": "2"})
    go_to(hub, LATER)
    send(hub, tenant, AHEAD)
    before = (stored(hub, tenant), hub.letters.page(tenant, [], 10))
    told = hub.letters.replay(tenant, [], dry_run=True)
    assert told == Replayed(3, 1, 1, {"negative_value": 1}, repeats=1)
    assert (stored(hub, tenant), hub.letters.page(tenant, [], 10)) == before
    assert hub.letters.replay(tenant, []) == told


def test_a_replay_goes_on_in_slices_to_the_end(
    hub: Hub, tenant: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replay, "SLICE_LETTERS", 3)
    monkeypatch.setattr(replay, "MAX_LETTERS", 6)
    bad = AHEAD | {"latency_ms": -1}
    send(hub, tenant, *(AHEAD | {"event_id": str(n)} for n in range(7)), *[bad] * 4)
    go_to(hub, LATER)
    for dry_run in (True, False):
        first = hub.letters.replay(tenant, [], dry_run=dry_run)
        assert (first.tried, first.next_place is None) == (6, False)
        rest = hub.letters.replay(
            tenant, [], LetterFilter(before=first.next_place), dry_run=dry_run
        )
        assert (rest.tried, rest.next_place) == (5, None)
        assert (first.stored + rest.stored, first.remaining + rest.remaining) == (7, 4)
    assert len(stored(hub, tenant)) == 7
    assert codes(hub, tenant) == ["timestamp_in_future"] * 4  # as it was refused first


def test_only_letters_that_meet_the_filter_are_offered(hub: Hub, tenant: str) -> None:
    send(hub, tenant, AHEAD, AHEAD | {"source": "sentinel", "event_type": "alert.raised"})
    go_to(hub, LATER)
    assert hub.letters.replay(tenant, [], LetterFilter(source="sentinel")) == Replayed(1, 1, 0, {})
    assert [event["source"] for event in stored(hub, tenant)] == ["sentinel"]
    assert hub.letters.purge(tenant, [], LetterFilter(source="sentinel")) == 0
    assert hub.letters.purge(tenant, [], LetterFilter(source="costops")) == 1
