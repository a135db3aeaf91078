import threading
from datetime import datetime, timedelta

import pyarrow as pa
import pytest

from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.live.stream import LAST_KEY, LiveStream, Published
from llm_analytics_hub.telemetry.metrics import Metrics

from .events import NOON, batch

pytestmark = pytest.mark.timeout(60)


class Seen:
    """A listener that keeps what it was called with, and can be held up."""

    def __init__(self) -> None:
        self.published: list[Published] = []
        self.may_go_on = threading.Event()
        self.may_go_on.set()
        self.called = threading.Event()

    def __call__(self, published: Published) -> None:
        self.called.set()
        self.may_go_on.wait(30)
        self.published.append(published)

    @property
    def ids(self) -> list[str]:
        return [name for one in self.published for name in one.events["event_id"].to_pylist()]


def opened(**limits: int) -> tuple[LiveStream, Metrics]:
    metrics = Metrics()
    return LiveStream(ManualClock(NOON), metrics, **limits), metrics


def later(seconds: int) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_commits_are_handed_on_in_order_each_behind_the_one_before() -> None:
    stream, _ = opened()
    seen = Seen()
    stream.listen(seen)
    for number in range(50):
        stream.publish(batch([f"e{number}"], later(number + 1)))
    stream.close()
    assert seen.ids == [f"e{number}" for number in range(50)]
    places = [(NOON, LAST_KEY), *(one.place for one in seen.published)]
    assert [one.before for one in seen.published] == places[:-1]
    assert stream.place == places[-1] == (later(50), LAST_KEY)


def test_commits_that_wait_are_handed_on_together() -> None:
    stream, _ = opened()
    seen = Seen()
    seen.may_go_on.clear()
    stream.listen(seen)
    stream.publish(batch(["first"], later(1)))
    seen.called.wait(30)
    for number in range(2, 5):
        stream.publish(batch([f"e{number}"], later(number)))
    stream.publish(batch([f"many{number}" for number in range(5_000)], later(5)))
    seen.may_go_on.set()
    stream.close()
    assert [one.events.num_rows for one in seen.published] == [1, 3, 5_000]
    assert [one.before for one in seen.published] == [
        (NOON, LAST_KEY), (later(1), LAST_KEY), (later(4), LAST_KEY)
    ]  # fmt: skip


def test_a_commit_without_new_events_is_none() -> None:
    stream, _ = opened()
    seen = Seen()
    stream.listen(seen)
    stream.publish(batch([], later(1)))
    stream.close()
    assert seen.published == []
    assert stream.place == (NOON, LAST_KEY)


def test_who_is_too_slow_is_told_what_it_was_passed_over_for() -> None:
    stream, metrics = opened(waiting_rows=3)
    seen = Seen()
    seen.may_go_on.clear()
    stream.listen(seen)
    stream.publish(batch(["first"], later(1)))
    seen.called.wait(30)
    for number in range(2, 7):
        stream.publish(batch([f"a{number}", f"b{number}"], later(number)))
    seen.may_go_on.set()
    stream.close()
    assert seen.ids == ["first", "a6", "b6"]
    assert [one.passed_over for one in seen.published] == [0, 8]
    assert seen.published[1].before == (later(5), LAST_KEY) != seen.published[0].place
    assert metrics.registry.get_sample_value("hub_live_passed_over_total") == 8


def test_a_commit_larger_than_all_that_may_wait_is_handed_on_alone() -> None:
    stream, _ = opened(waiting_rows=1)
    seen = Seen()
    stream.listen(seen)
    stream.publish(batch(["a", "b", "c"], later(1)))
    stream.close()
    assert seen.ids == ["a", "b", "c"]


def test_a_listener_that_fails_is_counted_and_stops_nobody(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stream, metrics = opened()
    seen = Seen()

    def fails(_: Published) -> None:
        raise ValueError("a defect")

    stream.listen(fails)
    stream.listen(seen)
    stream.publish(batch(["a"], later(1)))
    seen.called.wait(30)
    stream.publish(batch(["b"], later(2)))
    stream.close()
    assert seen.ids == ["a", "b"]
    assert metrics.registry.get_sample_value("hub_live_failures_total") == 2


def test_nothing_is_kept_for_nobody() -> None:
    stream, _ = opened()
    stream.publish(batch(["a"], later(1)))
    seen = Seen()
    stream.listen(seen)
    stream.publish(batch(["b"], later(2)))
    stream.close()
    stream.publish(batch(["c"], later(3)))
    assert seen.ids == ["b"]
    assert isinstance(seen.published[0].events, pa.RecordBatch)
    assert seen.published[0].before == (later(1), LAST_KEY)


def test_who_listens_later_is_not_called_with_what_waited_then() -> None:
    stream, _ = opened()
    first, second = Seen(), Seen()
    first.may_go_on.clear()
    stream.listen(first)
    stream.publish(batch(["held"], later(1)))
    first.called.wait(30)
    stream.publish(batch(["waits"], later(2)))
    place = stream.listen(second)
    stream.publish(batch(["new"], later(3)))
    first.may_go_on.set()
    stream.close()
    assert place == (later(2), LAST_KEY)
    assert second.ids == ["new"]
    assert [one.before for one in second.published] == [place]
    assert first.ids == ["held", "waits", "new"]
