"""What no store of alerts keeps, nor is asked for, in memory and in every database."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.storage.alert_bounds import LARGEST_PAGE, LONGEST_ALERT
from llm_analytics_hub.storage.alert_store import AlertStore

from .alert_values import (
    NAMES,
    START,
    acknowledgement,
    alert,
    alerts_of,
    seconds_of,
    transition,
)

pytestmark = pytest.mark.slow

NewTenant = Callable[[], str]


@pytest.mark.parametrize("wrong", [{"rule": name} for name in NAMES])
def test_what_cannot_be_kept_is_refused_with_all_beside_it(
    alerts: AlertStore, tenant: str, wrong: dict[str, str]
) -> None:
    too_large = {"detail": (("text", "x" * LONGEST_ALERT),)}
    good, moved = alert(tenant), transition(tenant)
    for fault in (wrong, too_large, {"labels": (("a", "\ud800"),)}):
        with pytest.raises(InvalidInputError):
            alerts.save([good, alert(tenant, **fault)], [moved], {tenant: (START, 1)})
        with pytest.raises(InvalidInputError):
            alerts.save([good], [moved, transition(tenant, **fault)], {tenant: (START, 1)})
    assert alerts_of(alerts, tenant) == {}
    assert seconds_of(alerts, tenant) == []
    assert tenant not in alerts.places()


@pytest.mark.parametrize("name", NAMES)
def test_nobody_is_asked_for_by_a_name_that_is_none(alerts: AlertStore, name: str) -> None:
    given = acknowledgement(alert("any"))
    for ask in (
        lambda: alerts.history(name, None, None, None, 1),
        lambda: alerts.history("any", name, None, None, 1),
        lambda: alerts.acknowledge(replace(given, by=name)),
        lambda: alerts.forget([name]),
        lambda: alerts.withdraw([name]),
        lambda: alerts.save([], [], {name: (START, 1)}),
    ):
        with pytest.raises(InvalidInputError):
            ask()


def test_a_page_of_no_size_or_from_no_place_is_refused(alerts: AlertStore, tenant: str) -> None:
    for limit in (0, -1, LARGEST_PAGE + 1):
        for ask in (
            alerts.changes,
            lambda *place: alerts.history(place[0], None, None, *place[1:]),
        ):
            with pytest.raises(InvalidInputError, match="a page has 1 to"):
                ask(tenant, None, limit)
        with pytest.raises(InvalidInputError, match="a page has 1 to"):
            alerts.deliveries(tenant, None, None, None, limit)
    for row_id in ("", "-1", "1.5", "x", "²", "9" * 20):
        with pytest.raises(InvalidInputError, match="place"):
            alerts.history(tenant, None, None, (START, row_id), 1)
        with pytest.raises(InvalidInputError, match="place"):
            alerts.changes(tenant, (START, row_id), 1)
    assert alerts.history(tenant, None, None, (START, "9" * 19), 1) == []
