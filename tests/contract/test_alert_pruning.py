"""What is pruned, and what stays, in memory and in every database."""

import pytest

from llm_analytics_hub.model.alerts.definition import DefinitionKind
from llm_analytics_hub.storage.alert_store import AlertStore

from .alert_values import (
    START,
    after,
    content,
    definition,
    delivery,
    fill,
    transition,
)

pytestmark = pytest.mark.slow

RULE = DefinitionKind.RULE


def test_history_is_pruned_and_what_counts_now_stays(own_alerts: AlertStore) -> None:
    fill(own_alerts)
    own_alerts.save([], [transition("t", 10)], {})
    own_alerts.keep_delivery(delivery("t", "late", 10))
    before = content(own_alerts)
    assert own_alerts.prune(START) == 0
    assert content(own_alerts) == before
    assert own_alerts.prune(after(10)) == 3
    now = content(own_alerts)
    assert [one.at for _, one in now.pop("history")] == [after(10)]
    assert [one.id for one in now.pop("deliveries")] == ["late"]
    assert [(one.version, one.body) for _, one in now.pop("changes")] == [(2, "2")]
    assert now == {name: before[name] for name in now}
    assert own_alerts.prune(after(10)) == 0


def test_a_removal_stays_as_long_as_history_does(own_alerts: AlertStore) -> None:
    for seconds, body in enumerate(["1", "2", None]):
        own_alerts.define([definition("t", body=body, at=after(seconds))])
    assert own_alerts.prune(after(2)) == 2
    [removal] = own_alerts.versions(RULE, "t", "one")
    assert (removal.version, removal.body) == (3, None)
    assert own_alerts.prune(after(2.5)) == 1
    assert own_alerts.versions(RULE, "t", "one") == []
    assert [one.version for one in own_alerts.define([definition("t")])] == [1]


def test_what_was_removed_stays_so_where_the_clock_was_set_back(own_alerts: AlertStore) -> None:
    own_alerts.define([definition("t", at=after(100))])
    own_alerts.define([definition("t", body=None, at=after(0))])
    assert own_alerts.prune(after(50)) == 0
    assert own_alerts.definitions(RULE) == []
    assert own_alerts.prune(after(101)) == 2
