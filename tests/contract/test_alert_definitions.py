"""What is promised about definitions and their versions, in memory and in every database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from llm_analytics_hub.errors import ConflictError, InvalidInputError
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.storage.alert_bounds import LONGEST_BODY
from llm_analytics_hub.storage.alert_store import AlertStore

from .alert_values import NAMES, after, all_pages, definition

pytestmark = pytest.mark.slow

RULE = DefinitionKind.RULE
NewTenant = Callable[[], str]


def define(store: AlertStore, *new: Definition) -> list[int]:
    return [one.version for one in store.define(new)]


def test_what_is_defined_first_is_version_1_and_comes_back(alerts: AlertStore, tenant: str) -> None:
    new = definition(tenant, "Zoë 🙂", '{"a":  1}', version=9, by="boris", at=after(0.000001))
    assert alerts.define([new]) == [replace(new, version=1)]
    assert alerts.definitions(RULE, tenant) == [replace(new, version=1)]
    assert alerts.versions(RULE, tenant, "Zoë 🙂") == [replace(new, version=1)]


def test_each_change_adds_a_version_and_the_newest_counts(alerts: AlertStore, tenant: str) -> None:
    assert [define(alerts, definition(tenant, body=body)) for body in "123"] == [[1], [2], [3]]
    assert [one.body for one in alerts.definitions(RULE, tenant)] == ["3"]
    found = alerts.versions(RULE, tenant, "one")
    assert [(one.version, one.body) for one in found] == [(3, "3"), (2, "2"), (1, "1")]


def test_an_equal_body_adds_no_version(alerts: AlertStore, tenant: str) -> None:
    [first] = alerts.define([definition(tenant, by="anna")])
    assert alerts.define([definition(tenant, by="boris", at=after(9))]) == [first]
    assert alerts.versions(RULE, tenant, "one") == [first]


def test_what_is_removed_is_not_there_and_may_be_defined_again(
    alerts: AlertStore, tenant: str
) -> None:
    assert define(alerts, definition(tenant)) == [1]
    assert define(alerts, definition(tenant, body=None)) == [2]
    assert define(alerts, definition(tenant, body=None)) == [2]
    assert alerts.definitions(RULE, tenant) == []
    assert define(alerts, definition(tenant)) == [3]
    assert [one.version for one in alerts.definitions(RULE, tenant)] == [3]
    assert [one.body for one in alerts.versions(RULE, tenant, "one")] == ["{}", None, "{}"]


def test_removing_what_never_was_adds_nothing(alerts: AlertStore, tenant: str) -> None:
    assert define(alerts, definition(tenant, body=None)) == [0]
    assert alerts.versions(RULE, tenant, "one") == []


@pytest.mark.parametrize("expected", [0, 1, 3, -1])
def test_another_version_than_expected_is_a_conflict_and_changes_nothing(
    alerts: AlertStore, tenant: str, expected: int
) -> None:
    for body in "12":
        define(alerts, definition(tenant, body=body))
    new = [definition(tenant, "other"), definition(tenant, body="3")]
    with pytest.raises(ConflictError, match=r"'one'.*version 2.*read it again") as caught:
        alerts.define(new, expected={"one": expected})
    assert caught.value.code == "version_conflict"
    assert [one.body for one in alerts.definitions(RULE, tenant)] == ["2"]
    assert [one.version for one in alerts.define(new, expected={"one": 2})] == [1, 3]


def test_none_is_expected_where_there_is_none_or_it_was_removed(
    alerts: AlertStore, tenant: str
) -> None:
    with pytest.raises(ConflictError, match="not there"):
        alerts.define([definition(tenant)], expected={"one": 1})
    alerts.define([definition(tenant)], expected={"one": 0})
    alerts.define([definition(tenant, body=None)], expected={"one": 1})
    with pytest.raises(ConflictError, match="not there"):
        alerts.define([definition(tenant)], expected={"one": 2})
    [again] = alerts.define([definition(tenant)], expected={"one": 0})
    assert again.version == 3


def test_a_name_twice_in_one_call_becomes_two_versions(alerts: AlertStore, tenant: str) -> None:
    new = [definition(tenant, body=body) for body in ("1", "1", "2", "1")]
    assert define(alerts, *new) == [1, 1, 2, 3]
    assert [one.body for one in alerts.versions(RULE, tenant, "one")] == ["1", "2", "1"]


def test_definitions_come_by_name_in_the_order_of_code_points(
    alerts: AlertStore, tenant: str
) -> None:
    names = ["b", "a", "B", "ä", "a b", "a-b", "😀", "\uffff"]
    define(alerts, *(definition(tenant, name) for name in names))
    assert [one.name for one in alerts.definitions(RULE, tenant)] == sorted(names)


def test_tenants_and_kinds_never_see_each_other(alerts: AlertStore, new_tenant: NewTenant) -> None:
    mine, theirs = new_tenant(), new_tenant()
    kinds = list(DefinitionKind)
    define(alerts, *(definition(mine, body=kind, kind=kind) for kind in kinds))
    define(alerts, definition(theirs, body="t"))
    for kind in kinds:
        assert [one.body for one in alerts.definitions(kind, mine)] == [kind]
        assert [one.body for one in alerts.versions(kind, mine, "one")] == [kind]
    assert [one.body for one in alerts.definitions(RULE, theirs)] == ["t"]
    assert [one.body for _, one in alerts.changes(theirs, None, 10)] == ["t"]
    everyone = [one for one in alerts.definitions(RULE) if one.tenant in (mine, theirs)]
    assert [(one.tenant, one.body) for one in everyone] == [(mine, "rule"), (theirs, "t")]


def test_changes_page_without_gaps_or_repeats_when_moments_are_equal(
    alerts: AlertStore, tenant: str
) -> None:
    for number in range(11):
        define(alerts, definition(tenant, f"{number % 2}", str(number), at=after(number // 5)))
    found = all_pages(
        lambda before: alerts.changes(tenant, before, 3), lambda row: (row[1].at, row[0])
    )
    assert [one.body for _, one in found] == [str(number) for number in reversed(range(11))]
    assert len({row_id for row_id, _ in found}) == 11


def test_many_at_once_are_numbered(alerts: AlertStore, tenant: str) -> None:
    new = [definition(tenant, f"{number:04}", str(number)) for number in range(1200)]
    define(alerts, *new[::2])
    assert define(alerts, *new) == [1] * 1200
    assert define(alerts, *(replace(one, body="x") for one in new)) == [2] * 1200
    assert [one.name for one in alerts.definitions(RULE, tenant)] == [one.name for one in new]


def test_threads_that_define_at_once_get_a_version_each(alerts: AlertStore, tenant: str) -> None:
    def change(number: int) -> int:
        return define(alerts, definition(tenant, body=str(number)))[0]

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(change, range(40))) == list(range(1, 41))


def test_of_threads_that_expect_the_same_one_wins(alerts: AlertStore, tenant: str) -> None:
    def change(number: int) -> int:
        try:
            alerts.define([definition(tenant, body=str(number))], expected={"one": 0})
        except ConflictError:
            return 0
        return 1

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(change, range(8))) == 1


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_is_none_is_refused(alerts: AlertStore, tenant: str, name: str) -> None:
    for wrong in ({"name": name}, {"by": name}, {"tenant": name}):
        with pytest.raises(InvalidInputError):
            alerts.define([definition(tenant, "good"), replace(definition(tenant), **wrong)])
    for ask in (
        lambda: alerts.definitions(RULE, name),
        lambda: alerts.versions(RULE, tenant, name),
        lambda: alerts.changes(name, None, 1),
    ):
        with pytest.raises(InvalidInputError):
            ask()
    assert alerts.definitions(RULE, tenant) == []


@pytest.mark.parametrize("body", ["x" * (LONGEST_BODY + 1), "a\0b", "\ud800"])
def test_a_body_that_cannot_be_kept_is_refused(alerts: AlertStore, tenant: str, body: str) -> None:
    with pytest.raises(InvalidInputError):
        alerts.define([definition(tenant, body=body)])
    assert define(alerts, definition(tenant, body="ü" * LONGEST_BODY)) == [1]
