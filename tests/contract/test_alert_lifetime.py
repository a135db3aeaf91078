"""The memory of alerting over time: what is pruned, what survives, and what is whole or not there."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.alerts.definition import DefinitionKind
from llm_analytics_hub.storage.alert_store import AlertStore
from llm_analytics_hub.storage.control.migrate import SCRIPTS

from .alert_values import (
    START,
    acknowledgement,
    after,
    alert,
    content,
    definition,
    delivery,
    fill,
    sent,
    transition,
)
from .control_stores import OpenControl, run

pytestmark = pytest.mark.slow

RULE = DefinitionKind.RULE


def test_all_of_it_survives_close_and_reopen(reopen: OpenControl) -> None:
    first = reopen()
    fill(first.alerts)
    kept = content(first.alerts)
    assert all(kept.values())
    first.close()
    again = reopen().alerts
    assert content(again) == kept
    assert [one.version for one in again.define([definition("t", body="3")])] == [3]


def test_moments_of_other_zones_are_the_same_moments(reopen: OpenControl) -> None:
    store = reopen().alerts
    east = after(1).astimezone(timezone(timedelta(hours=9)))
    store.define([definition("t", at=east)])
    store.save([], [transition("t"), replace(transition("t"), at=east)], {})
    [one] = store.definitions(RULE)
    assert (one.at, one.at.utcoffset()) == (after(1), timedelta(0))
    [(row_id, newest), _] = store.history("t", None, None, None, 9)
    assert [one.at for _, one in store.history("t", None, None, (newest.at, row_id), 9)] == [START]


CALLS: dict[str, Callable[[AlertStore], object]] = {
    "fill": fill,
    "define": lambda store: store.define([definition("t")]),
    "acknowledge": lambda store: store.acknowledge(acknowledgement(alert("t"))),
    "save nothing": lambda store: store.save([], [], {}),
    "forget": lambda store: store.forget(["f"]),
    "withdraw nothing": lambda store: store.withdraw([]),
    "forget_sent": lambda store: store.forget_sent("t", "g"),
    "keep_delivery": lambda store: store.keep_delivery(delivery("t")),
    "keep_sent": lambda store: store.keep_sent(sent("t"), delivery("t")),
    "prune": lambda store: store.prune(START),
    "versions": lambda store: store.versions(RULE, "t", "one"),
    "definitions": lambda store: store.definitions(RULE),
    "changes": lambda store: store.changes("t", None, 1),
    "history": lambda store: store.history("t", None, None, None, 1),
    "deliveries": lambda store: store.deliveries("t", None, None, None, 1),
    "alerts": lambda store: store.alerts(),
    "places": lambda store: store.places(),
    "sent": lambda store: store.sent(),
    "acknowledgements": lambda store: store.acknowledgements(),
}


def test_a_closed_store_is_unavailable_and_may_be_closed_again(own_alerts: AlertStore) -> None:
    own_alerts.close()
    own_alerts.close()
    for call in CALLS.values():
        with pytest.raises(UnavailableError, match="closed"):
            call(own_alerts)


def test_closing_one_part_leaves_the_other(reopen: OpenControl) -> None:
    store, other = reopen(), reopen()
    store.alerts.close()
    store.connectors.keep_cursor("c", "1")
    other.connectors.close()
    fill(other.alerts)
    for one in (store, other):
        one.close()
        one.close()
    with pytest.raises(UnavailableError, match="closed"):
        other.alerts.alerts()


def to_revision(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", SCRIPTS)
        command.upgrade(config, revision)


def test_a_store_from_before_alerts_is_brought_up_with_its_cursors(
    reopen: OpenControl, engine: Engine
) -> None:
    to_revision(engine, "001")
    run(
        engine,
        "INSERT INTO connectors (name, cursor, paused, paused_by, updated_at) VALUES"
        " ('c', '[7]', true, 'anna', '2025-11-18 09:00:00')",
    )
    store = reopen()
    assert store.connectors.cursor("c") == "[7]"
    assert store.connectors.paused_by("c") == "anna"
    assert not any(content(store.alerts).values())
    fill(store.alerts)
    assert all(content(store.alerts).values())
