"""The house of alerting: rules that are judged no more, and chores that fail."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.unit.alerts.making import NOW, finding, judgement

from llm_analytics_hub.alerts.alert_book import AlertBook
from llm_analytics_hub.alerts.house import AlertHouse
from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.rules.book import RuleBook
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.model.alerts.alert import Phase, Transition
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore

ERRORS = {
    "name": "errors", "kind": "threshold", "measure": "events", "by": ["service"],
    "warning": {"above": 10},
}  # fmt: skip


class House:
    """A house over a store that outlives it."""

    def __init__(self, store: MemoryAlertStore, *files: Path) -> None:
        self.told: list[Transition] = []
        self.clock = ManualClock(NOW)
        self.rules = RuleBook(store, files, self.clock)
        self.book = AlertBook(store, self.clock, self.told.extend)
        self.keeper = AlertHouse(
            self.rules, self.book, RoutingDesk(store, self.clock), store, self.clock,
            timedelta(days=400),
        )  # fmt: skip

    def fire(self) -> None:
        self.book.judged(self.rules.rule("default", "errors"), judgement(NOW, finding()))

    def keep(self) -> list[Phase]:
        self.keeper.keep(self.clock.now())
        return [one.alert.phase for one in self.told]


def test_alerts_of_a_rule_that_went_while_no_hub_ran_are_resolved(tmp_path: Path) -> None:
    import json

    store, file = MemoryAlertStore(), tmp_path / "rules.yaml"
    file.write_text(json.dumps({"rules": [ERRORS]}))
    House(store, file).fire()
    after = House(store)
    assert after.keep() == [Phase.RESOLVED]
    assert after.keep() == [Phase.RESOLVED]


def test_alerts_of_a_rule_that_was_paused_go_on_no_more() -> None:
    house = House(MemoryAlertStore())
    house.rules.put("default", ERRORS, "me")
    house.fire()
    assert house.keep() == [Phase.FIRING]
    house.rules.pause("default", "errors", "me")
    assert house.keep() == [Phase.FIRING, Phase.PAUSED]
    assert house.keep() == [Phase.FIRING, Phase.PAUSED]


def test_a_chore_that_fails_by_a_defect_leaves_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    house = House(MemoryAlertStore())
    house.rules.put("default", ERRORS, "me")
    house.fire()
    house.rules.pause("default", "errors", "me")

    def broken(*_: Any) -> None:
        raise ValueError("a defect")

    monkeypatch.setattr(house.rules, "refresh", broken)
    assert house.keep() == [Phase.FIRING, Phase.PAUSED]
