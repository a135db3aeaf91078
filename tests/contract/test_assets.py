"""What every store promises about assets and their versions."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.model.asset import ASSET_SCHEMA, AssetFilter, VersionFilter
from llm_analytics_hub.storage.interface import EventStore
from llm_analytics_hub.storage.memory import MemoryStore

from .asset_facts import Row, fact, facts, write
from .strategies import LOOKS_LIKE_SQL, NOON

pytestmark = pytest.mark.slow

NewTenant = Callable[[], str]


def listed(store: EventStore, tenant: str, **conditions: Any) -> list[Row]:
    rows: list[Row] = store.assets(AssetFilter(tenant, **conditions)).to_pylist()
    return rows


def ids(store: EventStore, tenant: str, **conditions: Any) -> list[str]:
    return [row["asset_id"] for row in listed(store, tenant, **conditions)]


def versions(store: EventStore, tenant: str, **more: Any) -> list[Row]:
    rows: list[Row] = store.asset_versions(VersionFilter(tenant, "a", **more)).to_pylist()
    return rows


def known(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


def test_each_member_is_what_was_told_last_and_nothing_is_erased_by_silence(
    store: EventStore, new_tenant: NewTenant
) -> None:
    tenant = new_tenant()
    write(store, [fact(tenant, 2, name="new", license="MIT"), fact(tenant, 1, owner="ann")])
    write(store, [fact(tenant, 1, name="old"), fact(tenant, 3, license="", current_version="2")])
    found = store.assets(AssetFilter(tenant))
    assert found.schema.equals(ASSET_SCHEMA)
    assert [known(row) for row in found.to_pylist()] == [
        {
            "tenant": tenant, "asset_id": "a", "version": "2", "name": "new", "owner": "ann",
            "first_seen": NOON + timedelta(minutes=1), "last_seen": NOON + timedelta(minutes=3),
        }
    ]  # fmt: skip


@given(told=st.lists(facts(), max_size=12), data=st.data())
@settings(max_examples=25)
def test_any_order_and_any_repeats_give_the_same_assets_in_every_store(
    store: EventStore, new_tenant: NewTenant, told: list[Row], data: st.DataObject
) -> None:
    tenant = new_tenant()
    mine = [{**one, "tenant": tenant} for one in told]
    memory = MemoryStore()
    write(memory, mine)
    again = data.draw(st.permutations(mine + mine[:3]))
    half = len(again) // 2
    for part in filter(None, (again[:half], again[half:])):
        write(store, part)
    assert listed(store, tenant) == listed(memory, tenant)
    assert versions(store, tenant) == versions(memory, tenant)


def test_versions_are_kept_and_what_names_none_is_of_the_newest(
    store: EventStore, new_tenant: NewTenant
) -> None:
    tenant = new_tenant()
    for minute, version in ((1, "1.0"), (2, "2.0")):
        one = fact(tenant, minute, version=version, status="active", owner=f"v{version}")
        write(store, [one, {**one, "version": "", "current_version": version}])
    write(store, [fact(tenant, 3, status="deprecated"), fact(tenant, 4, version="1.0", name="n")])
    write(store, [fact(new_tenant(), 5, version="3.0", status="active")])
    found = [(row["version"], row["status"], row["owner"]) for row in versions(store, tenant)]
    assert found == [("2.0", "deprecated", "v2.0"), ("1.0", "active", "v1.0")]
    assert [row["first_seen"].minute for row in versions(store, tenant)] == [2, 1]
    assert [row["last_seen"].minute for row in versions(store, tenant)] == [3, 4]
    (newest,) = versions(store, tenant, limit=1)
    place = (newest["first_seen"], newest["version"])
    assert [row["version"] for row in versions(store, tenant, before=place)] == ["1.0"]
    (whole,) = listed(store, tenant)
    assert (whole["version"], whole["status"], whole["name"]) == ("2.0", "deprecated", None)


def test_lists_are_filtered_and_paged_by_id(store: EventStore, new_tenant: NewTenant) -> None:
    tenant = new_tenant()
    write(
        store,
        [
            fact(tenant, asset_id="a1", asset_type="model", status="active", name="gpt"),
            fact(tenant, asset_id="a2", asset_type="model", owner="ann", tags='["prod","eu"]'),
            fact(tenant, asset_id="a3", asset_type="dataset", name="gp", tags='["nonprod"]'),
            fact(tenant, asset_id="a4", name="it's", owner="ann"),
        ],
    )
    assert ids(store, tenant) == ["a1", "a2", "a3", "a4"]
    assert ids(store, tenant, limit=2) == ["a1", "a2"]
    assert ids(store, tenant, after="a2", limit=1) == ["a3"]
    assert ids(store, tenant, asset_type="model") == ["a1", "a2"]
    assert ids(store, tenant, status="active") == ["a1"]
    assert ids(store, tenant, owner="ann") == ["a2", "a4"]
    assert ids(store, tenant, tag="prod") == ["a2"]
    assert ids(store, tenant, name_prefix="gp") == ["a1", "a3"]
    assert ids(store, tenant, asset_id="a4", owner="ann") == ["a4"]
    assert ids(store, tenant, asset_id="nobody") == []


@pytest.mark.parametrize("text", LOOKS_LIKE_SQL)
def test_awkward_texts_are_only_texts(store: EventStore, new_tenant: NewTenant, text: str) -> None:
    tenant = new_tenant()
    write(store, [fact(tenant, asset_id=text, version=text, owner=text, name=text)])
    write(store, [fact(tenant, asset_id=text, owner=text, name=text, current_version=text)])
    conditions: list[Row] = [{"owner": text}, {"name_prefix": text}, {"asset_id": text}]
    for condition in conditions:
        assert ids(store, tenant, **condition) == [text]
    found = store.asset_versions(VersionFilter(tenant, text))["version"].to_pylist()
    assert found == [text]


def test_an_asset_is_never_forgotten(store: EventStore, new_tenant: NewTenant) -> None:
    tenant = new_tenant()
    write(store, [fact(tenant, name="old")])
    store.drop_expired(NOON + timedelta(days=3000))
    assert ids(store, tenant) == ["a"]


def test_tenants_do_not_see_each_other(store: EventStore, new_tenant: NewTenant) -> None:
    ours, theirs = new_tenant(), new_tenant()
    write(store, [fact(ours, owner="us"), fact(theirs, 1, owner="them", version="9")])
    write(store, [fact(theirs, 1, owner="them", current_version="9")])
    assert [row["owner"] for row in listed(store, ours)] == ["us"]
    assert versions(store, ours) == []
