"""What outlives a process: dead letters offered again, and keys of the events that are stored."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from llm_analytics_hub.bootstrap import Hub, open_hub
from llm_analytics_hub.cli.house import _expire
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.ingest.codecs.hub_json import decode_events
from llm_analytics_hub.ingest.receipt import Receipt
from llm_analytics_hub.ingest.replay import Replayed
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.settings import NormalizeSettings, Settings

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
AHEAD = {"occurred_at": "2025-11-22T09:00:00Z"}

Open = Callable[..., Hub]


def event(event_id: str = "1", **members: Any) -> dict[str, Any]:
    known = {
        "source": "costops",
        "event_type": "cost.recorded",
        "occurred_at": "2025-11-19T09:00:00Z",
    }
    return known | {"event_id": event_id} | members


def send(hub: Hub, *rows: dict[str, Any], **more: Any) -> Receipt:
    return hub.intake.submit(Submission("t", "events", Decoded(rows), **more)).result(20)


def stored(hub: Hub) -> list[str]:
    found: list[str] = hub.store.events(EventFilter("t", limit=100))["event_id"].to_pylist()
    return sorted(found)


@pytest.fixture
def reopen(tmp_path: Path) -> Iterator[Open]:
    """Opens the hub of one folder, again and again; whichever is open is closed first."""
    opened: list[Hub] = []

    def close() -> None:
        while opened:
            opened.pop().close()

    def open_again(now: datetime = NOW, **normalize: Any) -> Hub:
        close()
        settings = Settings(data_dir=tmp_path / "hub", normalize=NormalizeSettings(**normalize))
        opened.append(open_hub(settings, ManualClock(now)))
        return opened[-1]

    yield open_again
    close()


@pytest.mark.slow
def test_a_letter_stays_until_its_fault_is_mended_and_leaves_when_it_is_stored(
    reopen: Open,
) -> None:
    hub = reopen()
    assert len(send(hub, event("1", **AHEAD), event("2", latency_ms=-1)).rejected) == 2
    assert hub.letters.replay("t", []) == Replayed(
        2, 0, 2, {"timestamp_in_future": 1, "negative_value": 1}
    )
    assert len(hub.letters.page("t", [], 10)) == 2

    hub = reopen(clock_skew={"costops": timedelta(days=3)})
    assert hub.letters.replay("t", []) == Replayed(2, 1, 1, {"negative_value": 1})
    assert stored(hub) == ["1"]
    (left,) = hub.letters.page("t", [], 10)
    assert (left["code"], left["received_at"]) == ("negative_value", "2025-11-19T10:00:00.000000Z")
    assert hub.letters.replay("t", []) == Replayed(1, 0, 1, {"negative_value": 1})
    assert hub.letters.purge("t", [left["letter_id"]]) == 1
    assert hub.letters.page("t", [], 10) == []


@pytest.mark.slow
def test_only_the_letters_that_are_named_are_offered_and_only_to_their_tenant(reopen: Open) -> None:
    hub = reopen()
    send(hub, event("1", **AHEAD), event("2", **AHEAD))
    wanted = next(
        one for one in hub.letters.page("t", [], 10) if '"event_id": "1"' in one["payload"]
    )
    hub = reopen(NOW + timedelta(days=3))
    assert hub.letters.replay("u", []) == Replayed(0, 0, 0, {})
    assert hub.letters.replay("t", [wanted["letter_id"]]) == Replayed(1, 1, 0, {})
    assert (stored(hub), len(hub.letters.page("t", [], 10))) == (["1"], 1)


@pytest.mark.slow
def test_letters_that_cannot_be_read_stay_with_that_reason(reopen: Open) -> None:
    hub = reopen()
    body = (
        b'{"source": "a"\n5\n{"x": 1e999, "latency_ms": NaN}\n' + b'{"a":"' + b"x" * 70_000 + b'"}'
    )
    decoded = decode_events(body, "application/x-ndjson", NOW)
    receipt = hub.intake.submit(Submission("t", "events", decoded)).result(20)
    assert [one.code for one in receipt.rejected] == [
        "undecodable",
        "not_an_object",
        "not_finite",
        "attributes_too_large",
    ]
    replayed = hub.letters.replay("t", [])
    assert replayed == Replayed(4, 0, 4, {"undecodable": 3, "not_finite": 1})


@pytest.mark.slow
def test_a_letter_of_an_event_that_was_stored_since_is_a_repeat_and_leaves(reopen: Open) -> None:
    hub = reopen()
    send(hub, event(latency_ms=-1))
    (letter,) = hub.letters.page("t", [], 10)
    assert send(hub, event("2", **AHEAD)).rejected
    hub = reopen(NOW + timedelta(days=3))
    assert send(hub, event("2", **AHEAD)) == Receipt(1, 0)
    assert hub.letters.replay("t", []) == Replayed(2, 0, 1, {"negative_value": 1}, repeats=1)
    assert [one["letter_id"] for one in hub.letters.page("t", [], 10)] == [letter["letter_id"]]
    assert stored(hub) == ["2"]


@pytest.mark.slow
def test_a_crash_between_store_and_purge_leaves_a_repeat(
    reopen: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = reopen()
    send(hub, event("1", **AHEAD))

    def crash(*_: object) -> int:
        raise UnavailableError("killed")

    hub = reopen(NOW + timedelta(days=3))
    monkeypatch.setattr(hub.store, "purge_dead_letters", crash)
    with pytest.raises(UnavailableError):
        hub.letters.replay("t", [])
    hub = reopen(NOW + timedelta(days=20))
    assert (len(stored(hub)), len(hub.letters.page("t", [], 10))) == (1, 1)
    assert hub.letters.replay("t", []) == Replayed(1, 0, 0, {}, repeats=1)
    assert (len(stored(hub)), hub.letters.page("t", [], 10)) == (1, [])


@pytest.mark.slow
def test_a_start_and_expiry_learn_how_many_letters_there_are(tmp_path: Path) -> None:
    settings = Settings.model_validate(
        {"data_dir": tmp_path, "ingest": {"dead_letters": {"per_tenant_rows": 2}}}
    )
    with closing(open_hub(settings, ManualClock(NOW))) as hub:
        send(hub, event("1", **AHEAD), event("2", **AHEAD))
        assert hub.letters.is_full("t")
    with closing(open_hub(settings, ManualClock(NOW + timedelta(days=60)))) as hub:
        assert len(send(hub, event("3", latency_ms=-1)).rejected) == 1
        assert (hub.letters.is_full("t"), len(hub.letters.page("t", [], 10))) == (True, 2)
        _expire(hub)
        assert (hub.letters.is_full("t"), hub.letters.page("t", [], 10)) == (False, [])


@pytest.mark.slow
def test_a_restart_forgets_no_key_and_prolongs_none(reopen: Open) -> None:
    hub = reopen()
    assert send(hub, event(), event("2", source="sentinel")) == Receipt(2, 0)
    assert send(hub, event("3"), remember_always=True) == Receipt(1, 0)

    hub = reopen(NOW + timedelta(minutes=59))
    assert send(hub, event(), event("2", source="sentinel"), event("3")) == Receipt(0, 3)

    hub = reopen(NOW + timedelta(hours=1))
    assert send(hub, event(), event("2", source="sentinel"), event("3")) == Receipt(1, 2)
    assert stored(hub) == ["1", "1", "2", "3"]
