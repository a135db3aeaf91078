"""Three quiet days, then one with six incidents: all six are told of, and nothing else.

The shipped rules and those of docs/examples judge it; `pytest -s` prints what was found.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from llm_analytics_hub.alerts.detect.asking import Found, Shape
from llm_analytics_hub.alerts.questions import RuleQuestions
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.telemetry.metrics import Metrics

from .answers import REQUEST, WholeDays
from .days import day_of_incidents
from .proof import Run, run
from .scoring import Result, groups_of, result_of, show, table
from .traffic import Days

HOUR = timedelta(hours=1)
CALLS = json.dumps([REQUEST])
LONGEST = {
    "error burst": HOUR / 2,
    "latency step": HOUR,
    "slow cost drift": 12 * HOUR,
    "prompt-injection campaign": HOUR / 6,
    "silent module": HOUR,
    "budget overrun": 4 * HOUR,
}
"""Until the first notice, of the rules' own windows and the steps of five minutes."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseStore]:
    opened = ClickHouseStore(tmp_path_factory.mktemp("store"))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def lived(store: ClickHouseStore) -> tuple[Days, Run, Result]:
    """The days, what came of them, and how good that was."""
    days, planted = day_of_incidents()
    became = run(store, days)
    result = result_of(became, planted)
    show(result)
    return days, became, result


def test_all_six_are_told_of_and_nothing_else(lived: tuple[Days, Run, Result]) -> None:
    _, _, result = lived
    assert [one.incident.name for one in result.scores] == list(LONGEST)
    assert (result.precision, result.recall) == (1.0, 1.0), table(result)


def test_three_quiet_days_are_quiet(lived: tuple[Days, Run, Result]) -> None:
    days, became, _ = lived
    morning = days.end - 24 * HOUR
    assert not [one for one in became.notices if one.at < morning]


@pytest.mark.parametrize("name", LONGEST)
def test_each_is_told_of_soon_and_not_in_dozens(lived: tuple[Days, Run, Result], name: str) -> None:
    _, _, result = lived
    (score,) = (one for one in result.scores if one.incident.name == name)
    assert score.delay is not None
    assert score.delay <= LONGEST[name]
    assert score.groups <= 5
    assert score.notices <= 14


def test_routing_by_topic_makes_one_group_of_each(lived: tuple[Days, Run, Result]) -> None:
    _, became, result = lived
    topics = {name: len(keys) for name, keys in groups_of(became, result).items()}
    # What the policy engine denies and what the sentinel sees are of two teams.
    assert topics == dict.fromkeys(LONGEST, 1) | {"prompt-injection campaign": 2}


def test_answers_of_whole_days_are_those_of_the_store(
    store: ClickHouseStore, lived: tuple[Days, Run, Result]
) -> None:
    days, _, _ = lived
    direct = RuleQuestions(QueryService(store, ManualClock(days.end), Metrics()))
    whole = WholeDays(direct, days.start, days.end)
    end = days.end - 13 * HOUR
    asked = [
        (Shape(("model",), CALLS, end - HOUR, end), ("error_rate", "requests")),
        (Shape(("account_id",), CALLS, end - 6 * HOUR, end), ("cost_usd_per_request",)),
        (Shape((), "[]", end - HOUR / 2, end), ("requests",)),
        (Shape(("service",), "[]", end - 24 * HOUR, end, "15m"), ("latency_ms_p95", "requests")),
    ]
    for shape, measures in asked:
        one, other = (of.ask("default", shape, measures) for of in (whole, direct))
        rows = [_rows(found, measures[0]) for found in (one, other)]
        assert rows[0].keys() == rows[1].keys()
        assert rows[0] == pytest.approx(rows[1], rel=1e-6, abs=1e-6)


def _rows(found: Found, measure: str) -> dict[tuple[Labels, datetime | None], float | None]:
    times: Sequence[datetime | None] = found.times or [None] * len(found.groups)
    return dict(zip(zip(found.groups, times, strict=True), found.values[measure], strict=True))
