"""What is promised about alerts and who takes care of them, in memory and in every database."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from llm_analytics_hub.storage.alert_store import AlertStore

from .alert_values import (
    START,
    acknowledgement,
    after,
    alert,
    alerts_of,
    full_alert,
    seconds_of,
    transition,
)

pytestmark = pytest.mark.slow

NewTenant = Callable[[], str]


def test_what_is_saved_comes_back_as_it_was_given(alerts: AlertStore, tenant: str) -> None:
    one = full_alert(tenant)
    alerts.save([one], [replace(transition(tenant), alert=one)], {})
    assert list(alerts_of(alerts, tenant).values()) == [one]
    [(_, kept)] = alerts.history(tenant, None, None, None, 10)
    assert kept == replace(transition(tenant), alert=one)


@pytest.mark.parametrize("value", [math.inf, -math.inf, 5e-324, -0.0, None, 1e300])
def test_any_value_comes_back(alerts: AlertStore, tenant: str, value: float | None) -> None:
    alerts.save([alert(tenant, value=value)], [transition(tenant, value=value)], {})
    assert alerts_of(alerts, tenant)["a"].value == value
    [(_, kept)] = alerts.history(tenant, None, None, None, 1)
    assert kept.alert.value == value


def test_what_is_no_number_comes_back_as_that(alerts: AlertStore, tenant: str) -> None:
    alerts.save([alert(tenant, value=math.nan)], [], {})
    assert math.isnan(alerts_of(alerts, tenant)["a"].value or 0)


def test_an_alert_takes_the_place_of_what_it_was(alerts: AlertStore, tenant: str) -> None:
    alerts.save([alert(tenant), alert(tenant, "b")], [], {})
    alerts.save([alert(tenant, count=1), alert(tenant, count=2)], [], {})
    found = alerts_of(alerts, tenant)
    assert {group: one.count for group, one in found.items()} == {"a": 2, "b": 0}


def test_what_is_forgotten_leaves_its_history(alerts: AlertStore, tenant: str) -> None:
    one = alert(tenant)
    alerts.save([one, alert(tenant, "b")], [transition(tenant)], {})
    alerts.forget([one.fingerprint, "never-there"])
    alerts.forget([])
    assert list(alerts_of(alerts, tenant)) == ["b"]
    assert seconds_of(alerts, tenant) == [0]


def test_places_are_kept_for_each_tenant(alerts: AlertStore, new_tenant: NewTenant) -> None:
    one, other = new_tenant(), new_tenant()
    alerts.save([], [], {one: (START, 2**64 - 1), other: (START, -1)})
    alerts.save([], [], {other: (after(1), 0)})
    alerts.save([], [], {})
    found = alerts.places()
    assert (found[one], found[other]) == ((START, 2**64 - 1), (after(1), 0))


def test_an_acknowledgement_replaces_the_last_until_it_is_withdrawn(
    alerts: AlertStore, tenant: str
) -> None:
    one, other = alert(tenant), alert(tenant, "b")
    for given in (acknowledgement(one), acknowledgement(other), acknowledgement(one, "boris")):
        alerts.acknowledge(given)
    kept = [given for given in alerts.acknowledgements() if given.tenant == tenant]
    assert sorted(kept, key=lambda given: given.by) == [
        acknowledgement(other), acknowledgement(one, "boris"),
    ]  # fmt: skip
    alerts.withdraw([one.fingerprint, "never-there"])
    kept = [given for given in alerts.acknowledgements() if given.tenant == tenant]
    assert kept == [acknowledgement(other)]


def test_no_tenant_acknowledges_for_another(alerts: AlertStore, new_tenant: NewTenant) -> None:
    mine = alert(new_tenant())
    alerts.acknowledge(acknowledgement(mine))
    alerts.acknowledge(replace(acknowledgement(mine, "eve"), tenant=new_tenant()))
    kept = [given.by for given in alerts.acknowledgements() if given.tenant == mine.tenant]
    assert kept == ["anna"]


def test_threads_save_beside_each_other(alerts: AlertStore, tenant: str) -> None:
    def save(number: int) -> None:
        groups = [str(group) for group in range(30)]
        for _ in range(5):
            changed = [
                alert(tenant, group, count=number) for group in groups[:: 1 - number % 2 * 2]
            ]
            alerts.save(changed, [transition(tenant, number)], {tenant: (START, number)})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(save, range(4)))
    assert len({one.count for one in alerts_of(alerts, tenant).values()}) == 1
    assert len(seconds_of(alerts, tenant)) == 20
