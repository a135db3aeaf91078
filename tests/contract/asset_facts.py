"""Facts about assets by hand and at random, and how they are written."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pyarrow as pa
from hypothesis import strategies as st

from llm_analytics_hub.model.asset import ASSET_FACT_SCHEMA, CURRENT
from llm_analytics_hub.storage.interface import EventStore, Table

from .strategies import NOON, awkward_texts

Row = dict[str, Any]

JSON_MEMBERS = {"tags": ('["a","b"]', '["b"]', ""), "annotations": ('{"team":"x"}', "{}", "")}
TEXT_MEMBERS = ("name", "asset_type", "status", "owner", "size_bytes", "updated_at")


def fact(tenant: str, minute: int = 0, asset_id: str = "a", version: str = "", **told: Any) -> Row:
    """A fact of `minute` minutes after noon."""
    row: Row = dict.fromkeys(ASSET_FACT_SCHEMA.names)
    moment = NOON + timedelta(minutes=minute)
    known = {"tenant": tenant, "asset_id": asset_id, "version": version, "occurred_at": moment}
    return {**row, **known, **told}


def write(store: EventStore, facts: Sequence[Row]) -> None:
    """Write facts in one batch."""
    store.write({Table.ASSETS: pa.RecordBatch.from_pylist(list(facts), ASSET_FACT_SCHEMA)})


@st.composite
def facts(draw: st.DrawFn) -> Row:
    """A fact of some asset, of one of its versions or of the whole, at one of a few moments."""
    members = st.sampled_from(TEXT_MEMBERS)
    told: Row = draw(st.dictionaries(members, st.sampled_from(("", "x", "y")) | awkward_texts()))
    for name, values in JSON_MEMBERS.items():
        told[name] = draw(st.none() | st.sampled_from(values))
    version = draw(st.sampled_from(("", "1.0", "2.0-rc.1+b")))
    if not version:
        told[CURRENT] = draw(st.sampled_from((None, "1.0", "2.0-rc.1+b", "")))
    asset_id = draw(st.sampled_from(("a", "b", "' OR 1=1 --")))
    return fact("t", draw(st.integers(0, 3)), asset_id, version, **told)
