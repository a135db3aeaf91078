"""What every event store promises about contents."""

from collections.abc import Callable
from datetime import date

import pyarrow as pa
import pytest

from llm_analytics_hub.model.event import CONTENT_SCHEMA
from llm_analytics_hub.storage.interface import EventStore, Table

from .strategies import LOOKS_LIKE_SQL

pytestmark = pytest.mark.slow


def contents(tenant: str, bodies: dict[str, str], expires_on: date) -> pa.RecordBatch:
    rows = [
        {"tenant": tenant, "content_id": name, "body": body, "expires_on": expires_on}
        for name, body in bodies.items()
    ]
    return pa.RecordBatch.from_pylist(rows, CONTENT_SCHEMA)


def test_contents_are_found_by_id_by_their_tenant_alone(
    store: EventStore, new_tenant: Callable[[], str]
) -> None:
    tenant, other = new_tenant(), new_tenant()
    bodies = {"a": '"körper"', "b": "[1]", **dict.fromkeys(LOOKS_LIKE_SQL, "{}")}
    store.write({Table.CONTENTS: contents(tenant, bodies, date(2099, 1, 5))})
    assert store.contents(tenant, list(bodies)) == bodies
    assert store.contents(tenant, ["a", "no such id"]) == {"a": '"körper"'}
    assert store.contents(tenant, []) == {}
    assert store.contents(other, list(bodies)) == {}


def test_a_content_written_again_is_found_once(
    store: EventStore, new_tenant: Callable[[], str]
) -> None:
    tenant = new_tenant()
    for day in (5, 5, 12):
        store.write({Table.CONTENTS: contents(tenant, {"a": "{}"}, date(2099, 1, day))})
    assert store.contents(tenant, ["a"]) == {"a": "{}"}
