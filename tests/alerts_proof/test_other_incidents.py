"""Incidents of other shapes, other seeds, weekends: the rules were not made for one day.

Each is planted into the last of four days. `pytest -m heavy -s` prints what was found of each.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

import pytest

from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore

from .days import incident, six
from .incidents import (
    Incident,
    dearness,
    errors,
    fewer_calls,
    injections,
    more_calls,
    silence,
    slowness,
)
from .proof import run
from .scoring import result_of, show, table
from .traffic import Days, quiet_days

pytestmark = pytest.mark.heavy

Plot = Callable[[Days], Sequence[Incident]]
MONDAY, THURSDAY, FRIDAY, SATURDAY = (date(2026, 11, day) for day in (16, 19, 20, 21))


def errors_grow(days: Days) -> Sequence[Incident]:
    plant = errors(0.25, is_growing=True, service="doc-search")
    return [incident(days, "errors grow", "errors", 8, 8, plant, service="doc-search")]


def one_model_at_night(days: Days) -> Sequence[Incident]:
    plant = errors(0.6, model="gpt-4o-mini")
    return [incident(days, "one model at night", "errors", 2, 2.5, plant, model="gpt-4o-mini")]


def one_account(days: Days) -> Sequence[Incident]:
    plant = errors(0.4, account="team-operations")
    return [incident(days, "one account", "errors", 10, 2, plant, account_id="team-operations")]


def slow_burn(days: Days) -> Sequence[Incident]:
    return [incident(days, "slow burn", "errors", 7, 9, errors(0.09))]


def traffic_drops(days: Days) -> Sequence[Incident]:
    return [incident(days, "traffic drops", "traffic silence", 14, 2, fewer_calls(0.08))]


def service_stops(days: Days) -> Sequence[Incident]:
    plant, topics = fewer_calls(0, service="ticket-router"), "traffic latency"
    # The median of its models moves, too: others ask them for longer answers.
    return [incident(days, "a service stops", topics, 9, 3, plant, service="ticket-router")]


def slow_at_night(days: Days) -> Sequence[Incident]:
    plant = slowness(3, service="support-assistant")
    where = {"service": "support-assistant"}
    return [incident(days, "slow at night", "latency", 0.5, 5, plant, **where)]


def slower_and_slower(days: Days) -> Sequence[Incident]:
    plant = slowness(3, is_growing=True, model="gpt-4o-mini")
    return [incident(days, "slower and slower", "latency", 8, 9, plant, model="gpt-4o-mini")]


def cost_spike(days: Days) -> Sequence[Incident]:
    plant = more_calls(8, account="team-support")
    return [incident(days, "cost spike", "cost", 10, 2.2, plant, account_id="team-support")]


def calls_get_dear(days: Days) -> Sequence[Incident]:
    plant = dearness(3, is_growing=False, account="team-engineering")
    where = {"account_id": "team-engineering"}
    # Longer answers take longer, too.
    return [incident(days, "calls get dear", "cost latency", 9, 8, plant, **where)]


def few_injections(days: Days) -> Sequence[Incident]:
    plant = injections(15, "code-copilot")
    return [
        incident(days, "few injections", "security policy", 3, 9, plant, service="code-copilot")
    ]


def silent_sentinel(days: Days) -> Sequence[Incident]:
    return [
        incident(days, "silent sentinel", "silence", 1, 6, silence("sentinel"), source="sentinel")
    ]


def silent_calls(days: Days) -> Sequence[Incident]:
    plant, topics = silence("observatory"), "silence traffic"
    return [incident(days, "silent calls", topics, 16, 2, plant, source="observatory")]


def two_at_once(days: Days) -> Sequence[Incident]:
    model, service = "gemini-2.5-flash", "code-copilot"
    return [
        incident(days, "errors of two", "errors", 13, 1.5, errors(0.5, model=model), model=model),
        incident(days, "latency of two", "latency", 13, 2, slowness(2.5, service=service),
                 service=service),
    ]  # fmt: skip


CASES = [
    (errors_grow, 11, MONDAY), (one_model_at_night, 12, MONDAY), (one_account, 13, MONDAY),
    (slow_burn, 14, MONDAY), (traffic_drops, 15, MONDAY), (service_stops, 16, MONDAY),
    (slow_at_night, 17, MONDAY), (slower_and_slower, 18, MONDAY), (cost_spike, 19, MONDAY),
    (calls_get_dear, 20, MONDAY), (few_injections, 21, MONDAY), (silent_sentinel, 22, MONDAY),
    (silent_calls, 23, MONDAY), (two_at_once, 24, MONDAY),
    (six, 25, MONDAY), (six, 26, THURSDAY), (six, 27, FRIDAY), (six, 28, SATURDAY),
]  # fmt: skip


@pytest.fixture
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseStore]:
    opened = ClickHouseStore(tmp_path_factory.mktemp("store"))
    yield opened
    opened.close()


@pytest.mark.parametrize(("plot", "seed", "first"), CASES)
def test_it_is_told_of_and_nothing_else(
    store: ClickHouseStore, plot: Plot, seed: int, first: date
) -> None:
    days = quiet_days(seed, first, 4)
    planted = plot(days)
    for one in planted:
        one.put_into(days)
    result = result_of(run(store, days), planted)
    show(result)
    assert (result.precision, result.recall) == (1.0, 1.0), table(result)


@pytest.mark.parametrize(("seed", "first"), [(31, MONDAY), (32, THURSDAY), (33, SATURDAY)])
def test_nine_quiet_days_are_quiet(store: ClickHouseStore, seed: int, first: date) -> None:
    result = result_of(run(store, quiet_days(seed, first, 9)), ())
    assert not result.false, table(result)
