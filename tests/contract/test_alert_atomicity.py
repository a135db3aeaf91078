"""What is whole or not there when a statement fails, in every database."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.alerts.definition import DefinitionKind
from llm_analytics_hub.storage.alert_store import AlertStore

from .alert_values import (
    START,
    after,
    alert,
    content,
    delivery,
    fill,
    sent,
    transition,
)
from .control_stores import OpenControl, run

pytestmark = pytest.mark.slow

RULE = DefinitionKind.RULE


@pytest.mark.parametrize(
    ("table", "call"),
    [
        ("alert_transitions", "save"),
        ("alert_places", "save"),
        ("alert_deliveries", "keep_sent"),
        ("alert_definitions", "prune"),
    ],
)
def test_what_fails_halfway_changes_nothing(
    reopen: OpenControl, engine: Engine, table: str, call: str
) -> None:
    calls: dict[str, Callable[[AlertStore], object]] = {
        "save": lambda store: store.save(
            [alert("t", count=9), alert("t", "new")], [transition("t", 9)], {"t": (START, 9)}
        ),
        "keep_sent": lambda store: store.keep_sent(sent("t", at=after(9)), delivery("t", "new")),
        "prune": lambda store: store.prune(after(9)),
    }
    store = reopen().alerts
    fill(store)
    kept = content(store)
    run(engine, f"ALTER TABLE {table} RENAME TO away")
    with pytest.raises(UnavailableError, match=table):
        calls[call](store)
    run(engine, f"ALTER TABLE away RENAME TO {table}")
    assert content(store) == kept
    calls[call](store)
    assert content(store) != kept


def test_a_row_that_fails_leaves_none_of_those_before_it(
    reopen: OpenControl, engine: Engine
) -> None:
    store = reopen().alerts
    fill(store)
    kept = content(store)
    run(engine, "CREATE UNIQUE INDEX one_each ON alert_transitions (tenant, at)")
    changed = [alert("t", str(number)) for number in range(50)]
    with pytest.raises(UnavailableError):
        store.save(changed, [transition("t", number) for number in [*range(1, 50), 1]], {})
    with pytest.raises(UnavailableError):
        store.save(changed, [transition("t", 0)], {"t": (START, 3)})
    assert content(store) == kept
