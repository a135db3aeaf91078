"""What is promised about the sent log and deliveries, in memory and in every database."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.routing import Cause, Outcome, Sent
from llm_analytics_hub.storage.alert_bounds import LONGEST_GROUP_KEY, LONGEST_RECORD
from llm_analytics_hub.storage.alert_store import AlertStore

from .alert_values import NAMES, START, after, all_pages, delivery, sent

pytestmark = pytest.mark.slow

NewTenant = Callable[[], str]


def sent_of(store: AlertStore, tenant: str) -> list[Sent]:
    found = [one for one in store.sent() if one.tenant == tenant]
    return sorted(found, key=lambda one: (one.group_key, one.channel))


def ids_of(store: AlertStore, tenant: str, *asked: str | None) -> list[str]:
    channel, outcome = (*asked, None, None)[:2]
    return [one.id for one in store.deliveries(tenant, channel, outcome, None, 100)]


def test_what_was_told_is_kept_with_its_delivery(alerts: AlertStore, tenant: str) -> None:
    failed = delivery(
        tenant, outcome=Outcome.FAILED, tries=3, error="503\n", payload='{"a":"\0 ü"}', alerts=()
    )
    alerts.keep_sent(sent(tenant), failed)
    assert sent_of(alerts, tenant) == [sent(tenant)]
    assert alerts.deliveries(tenant, None, None, None, 10) == [failed]


def test_the_last_that_a_channel_was_told_of_a_group_counts(
    alerts: AlertStore, tenant: str
) -> None:
    last = sent(tenant, firing=frozenset(), at=after(9), cause=Cause.RESOLVED)
    told = [sent(tenant), sent(tenant, channel="chat"), sent(tenant, "h"), last]
    for number, one in enumerate(told):
        alerts.keep_sent(one, delivery(tenant, str(number)))
    assert sent_of(alerts, tenant) == [sent(tenant, channel="chat"), last, sent(tenant, "h")]
    assert len(ids_of(alerts, tenant)) == 4


def test_a_group_is_forgotten_for_all_channels_of_its_tenant(
    alerts: AlertStore, new_tenant: NewTenant
) -> None:
    mine, theirs = new_tenant(), new_tenant()
    told = [sent(mine), sent(mine, channel="chat"), sent(mine, "h"), sent(theirs)]
    for number, one in enumerate(told):
        alerts.keep_sent(one, delivery(one.tenant, str(number)))
    alerts.forget_sent(mine, "g")
    alerts.forget_sent(mine, "never-there")
    assert sent_of(alerts, mine) == [sent(mine, "h")]
    assert sent_of(alerts, theirs) == [sent(theirs)]
    assert len(ids_of(alerts, mine)) == 3


def test_long_keys_of_groups_are_told_apart(alerts: AlertStore, tenant: str) -> None:
    keys = ["ü" * (LONGEST_GROUP_KEY - 1) + last for last in "ab"]
    for key in keys:
        alerts.keep_sent(sent(tenant, key), delivery(tenant, key[-1], group_key=key))
    assert [one.group_key for one in sent_of(alerts, tenant)] == keys


def test_a_delivery_takes_the_place_of_the_one_with_its_id(
    alerts: AlertStore, new_tenant: NewTenant
) -> None:
    mine, theirs = new_tenant(), new_tenant()
    alerts.keep_delivery(delivery(mine, outcome=Outcome.FAILED, error="gone"))
    alerts.keep_delivery(delivery(theirs))
    alerts.keep_delivery(delivery(mine, seconds=5, tries=2))
    assert alerts.deliveries(mine, None, None, None, 9) == [delivery(mine, seconds=5, tries=2)]
    assert alerts.deliveries(theirs, None, None, None, 9) == [delivery(theirs)]


def test_deliveries_are_of_a_channel_and_an_outcome(alerts: AlertStore, tenant: str) -> None:
    alerts.keep_delivery(delivery(tenant, "1", 1))
    alerts.keep_delivery(delivery(tenant, "2", 2, outcome=Outcome.FAILED))
    alerts.keep_delivery(delivery(tenant, "3", 3, channel="chat"))
    assert ids_of(alerts, tenant) == ["3", "2", "1"]
    assert ids_of(alerts, tenant, "mail") == ["2", "1"]
    assert ids_of(alerts, tenant, None, "sent") == ["3", "1"]
    assert ids_of(alerts, tenant, "mail", "failed") == ["2"]
    assert ids_of(alerts, tenant, "chat", "failed") == []


def test_deliveries_page_without_gaps_or_repeats_when_moments_are_equal(
    alerts: AlertStore, tenant: str
) -> None:
    ids = ["b", "a", "B", "ä", "a b", "a-b", "😀", "\uffff", "10", "9", "_"]
    for number, name in enumerate(ids):
        alerts.keep_delivery(delivery(tenant, name, number // 8))
    found = all_pages(
        lambda before: alerts.deliveries(tenant, None, None, before, 2),
        lambda one: (one.at, one.id),
    )
    assert [one.id for one in found] == sorted(ids[8:])[::-1] + sorted(ids[:8])[::-1]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_none_is_refused(alerts: AlertStore, tenant: str, name: str) -> None:
    good = delivery(tenant)
    for ask in (
        lambda: alerts.keep_delivery(replace(good, id=name)),
        lambda: alerts.keep_delivery(replace(good, channel=name)),
        lambda: alerts.keep_sent(sent(name), good),
        lambda: alerts.keep_sent(sent(tenant, channel=name), good),
        lambda: alerts.forget_sent(name, "g"),
        lambda: alerts.deliveries(name, None, None, None, 1),
        lambda: alerts.deliveries(tenant, name, None, None, 1),
        lambda: alerts.deliveries(tenant, None, name, None, 1),
        lambda: alerts.deliveries(tenant, None, None, (START, name), 1),
    ):
        with pytest.raises(InvalidInputError):
            ask()
    assert (ids_of(alerts, tenant), sent_of(alerts, tenant)) == ([], [])


def test_what_is_too_large_is_refused_and_changes_nothing(alerts: AlertStore, tenant: str) -> None:
    too_large = delivery(tenant, payload="x" * LONGEST_RECORD)
    with pytest.raises(InvalidInputError, match="at most"):
        alerts.keep_sent(sent(tenant), too_large)
    for key in ("x" * (LONGEST_GROUP_KEY + 1), "a\0b", "\ud800"):
        for ask in (
            lambda key=key: alerts.keep_sent(sent(tenant, key), delivery(tenant)),
            lambda key=key: alerts.forget_sent(tenant, key),
        ):
            with pytest.raises(InvalidInputError):
                ask()
    assert (ids_of(alerts, tenant), sent_of(alerts, tenant)) == ([], [])
