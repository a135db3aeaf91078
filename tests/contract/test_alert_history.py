"""What is promised about the history of alerts, in memory and in every database."""

from collections.abc import Callable

import pytest

from llm_analytics_hub.model.alerts.alert import Phase
from llm_analytics_hub.storage.alert_store import AlertStore

from .alert_values import (
    after,
    all_pages,
    seconds_of,
    transition,
)

pytestmark = pytest.mark.slow

NewTenant = Callable[[], str]


def test_history_pages_without_gaps_or_repeats_when_moments_are_equal(
    alerts: AlertStore, tenant: str
) -> None:
    groups = [str(number) for number in range(23)]
    alerts.save([], [transition(tenant, int(group) // 9, group) for group in groups], {})
    found = all_pages(
        lambda before: alerts.history(tenant, None, None, before, 4),
        lambda row: (row[1].at, row[0]),
    )
    assert [one.alert.labels[0][1] for _, one in found] == groups[::-1]
    assert len({row_id for row_id, _ in found}) == 23


def test_what_came_later_does_not_move_the_next_page(alerts: AlertStore, tenant: str) -> None:
    alerts.save([], [transition(tenant, seconds) for seconds in (1, 2, 3)], {})
    [(row_id, newest)] = alerts.history(tenant, None, None, None, 1)
    alerts.save([], [transition(tenant, seconds) for seconds in (3, 4)], {})
    rest = alerts.history(tenant, None, None, (newest.at, row_id), 10)
    assert [one.at for _, one in rest] == [after(2), after(1)]


def test_history_is_of_a_tenant_a_rule_a_phase(alerts: AlertStore, new_tenant: NewTenant) -> None:
    mine, theirs = new_tenant(), new_tenant()
    ok = {"phase": Phase.OK}
    new = [
        transition(mine, 1),
        transition(mine, 2, **ok),
        transition(mine, 3, rule="errors"),
        transition(theirs, 4, **ok),
    ]
    alerts.save([], new, {})
    assert seconds_of(alerts, mine) == [3, 2, 1]
    assert seconds_of(alerts, mine, "slow") == [2, 1]
    assert seconds_of(alerts, mine, None, "firing") == [3, 1]
    assert seconds_of(alerts, mine, "slow", "ok") == [2]
    assert seconds_of(alerts, mine, "errors", "ok") == []
    assert seconds_of(alerts, theirs) == [4]
