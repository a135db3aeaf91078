"""What is known of assets after registry events: by real shapes, in any order."""

import json
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.ingest.asset_facts import asset_facts
from llm_analytics_hub.ingest.commit import Committer
from llm_analytics_hub.ingest.dedup import DedupWindow
from llm_analytics_hub.ingest.submission import Decoded, Submission
from llm_analytics_hub.integrations.catalog import INTEGRATIONS
from llm_analytics_hub.integrations.native import decode_native
from llm_analytics_hub.model.asset import AssetFilter, VersionFilter
from llm_analytics_hub.normalize.normalizer import Arrival, normalize
from llm_analytics_hub.query.assets import to_api
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

NOW = datetime(2025, 11, 20, tzinfo=UTC)
RULES = rules_of(NormalizeSettings())
ID = "01KADRSR62Q2HD1X718S30H12V"
Row = dict[str, Any]


class Registry:
    """The registry's door on a store in memory."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        self._committer = Committer(self.store, DedupWindow(), RULES, Metrics())

    def send(self, *documents: Row) -> None:
        body = json.dumps(documents).encode()
        decoded = decode_native(INTEGRATIONS["registry"], body, "application/json", NOW)
        assert not decoded.refused
        self.take(decoded)

    def take(self, decoded: Decoded, source: str = "registry") -> None:
        (receipt,) = self._committer.commit([Submission("t", "events", decoded, source)], NOW)
        assert not receipt.rejected

    def asset(self, asset_id: str = ID) -> Row:
        (found,) = self.store.assets(AssetFilter("t", asset_id=asset_id)).to_pylist()
        return to_api(found)

    def versions(self, asset_id: str = ID) -> list[Row]:
        found = self.store.asset_versions(VersionFilter("t", asset_id))
        return [to_api(row) for row in found.to_pylist()]


def described(updated_at: str, *, version: str = "2.1.0-rc.1+build.77", **changes: Any) -> Row:
    """An asset of the REST API, with every member of WIRE_FORMATS §2."""
    metadata = {
        "name": "support-summarizer", "version": version, "description": "sums up tickets",
        "license": "MIT", "tags": ["prod", "eu", "prod"], "annotations": {"team": "support"},
        "size_bytes": 7516717056, "content_type": "application/x-safetensors",
    }  # fmt: skip
    return {
        "id": ID, "asset_type": {"custom": "prompt_template"}, "metadata": metadata, "status": "active",
        "storage": {"backend": {"type": "g_c_s", "bucket": "b"}, "path": "models/ss", "uri": None},
        "checksum": {"algorithm": "SHA256", "value": "5d04"},
        "provenance": {"author": "ann", "source_repo": "git@x", "created_at": "2025-11-01T00:00:00Z"},
        "dependencies": [{"name": "embed-base", "version": "1.0.0"}],
        "created_at": "2025-11-19T09:58:12.418903221Z", "updated_at": updated_at,
    } | changes  # fmt: skip


def event(kind: str, at: str, **data: Any) -> Row:
    inside = {"type": kind, "asset_id": ID, "asset_name": "support-summarizer", **data}
    return {"event_type": kind, "asset_id": ID, "timestamp": at, "data": inside}


REGISTERED = event("asset_registered", "2025-11-19T09:58:12.418903Z",
                   asset_version="2.0.0", asset_type="custom:prompt_template")  # fmt: skip
DESCRIBED = described("2025-11-19T10:00:00Z")
UPDATED = event("asset_updated", "2025-11-19T10:05:40.000417Z", asset_name="summarizer",
                updated_fields=["name"])  # fmt: skip
DEPRECATED = event("asset_status_changed", "2025-11-19T10:08:31.250Z", asset_name="summarizer",
                   old_status="active", new_status="deprecated")  # fmt: skip


def test_all_that_the_registry_shows_of_an_asset_is_known() -> None:
    registry = Registry()
    registry.send(DESCRIBED)
    assert registry.asset() == {
        "asset_id": ID,
        "asset_name": "support-summarizer",
        "version": "2.1.0-rc.1+build.77",
        "asset_type": "prompt_template",
        "status": "active",
        "owner": "ann",
        "description": "sums up tickets",
        "license": "MIT",
        "tags": ["eu", "prod"],
        "metadata": {"team": "support"},
        "size_bytes": 7516717056,
        "content_type": "application/x-safetensors",
        "storage": {"backend": "g_c_s", "uri": "models/ss"},
        "checksum": {"algorithm": "SHA256", "value": "5d04"},
        "provenance": {"created_at": "2025-11-01T00:00:00Z", "source_repo": "git@x"},
        "dependencies": [{"name": "embed-base", "version": "1.0.0"}],
        "created_at": "2025-11-19T09:58:12.418903Z",
        "updated_at": "2025-11-19T10:00:00.000000Z",
        "first_seen": "2025-11-19T10:00:00.000000Z",
        "last_seen": "2025-11-19T10:00:00.000000Z",
    }
    (version,) = registry.versions()
    assert version == registry.asset()


def test_events_change_what_they_name_in_any_order_of_arrival() -> None:
    shown = []
    for order in permutations((REGISTERED, DESCRIBED, UPDATED, DEPRECATED)):
        registry = Registry()
        for document in (*order, order[0]):
            registry.send(document)
        shown.append((registry.asset(), registry.versions()))
    assert all(each == shown[0] for each in shown)
    asset, versions = shown[0]
    assert (asset["asset_name"], asset["status"]) == ("summarizer", "deprecated")
    assert asset["deprecated_at"] == "2025-11-19T10:08:31.250000Z"
    assert (asset["owner"], asset["license"], asset["version"]) == ("ann", "MIT", DESCRIBED["metadata"]["version"])  # fmt: skip
    assert [(v["version"], v["status"]) for v in versions] == [
        (asset["version"], "deprecated"),
        ("2.0.0", "active"),
    ]


def test_a_whole_description_takes_back_what_it_leaves_out() -> None:
    registry = Registry()
    registry.send(DESCRIBED)
    bare = {"name": "support-summarizer", "version": "2.1.0-rc.1+build.77"}
    registry.send(described("2025-11-19T11:00:00Z", metadata=bare, provenance=None))
    asset = registry.asset()
    assert not asset.keys() & {"license", "tags", "metadata", "size_bytes", "description"}
    assert asset["owner"] == "ann"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (event("asset_deleted", "2025-11-19T12:00:00Z", asset_version="2.0.0"), "deleted"),
        (event("asset_status_changed", "2025-11-19T12:00:00Z", new_status="odd"), "odd"),
        (event("asset_status_changed", "2025-11-19T09:00:00Z", new_status="archived"), "active"),
        (event("asset_downloaded", "2025-11-19T12:00:00Z", asset_version="0.1"), "active"),
    ],
)
def test_the_status_is_the_last_one_told(change: Row, status: str) -> None:
    registry = Registry()
    registry.send(REGISTERED)
    registry.send(change)
    assert (registry.asset()["status"], registry.asset()["version"]) == (status, "2.0.0")


def test_an_asset_that_is_active_again_is_deprecated_no_more() -> None:
    registry = Registry()
    again = event("asset_status_changed", "2025-11-19T12:00:00Z", new_status="active")
    registry.send(DEPRECATED, again)
    assert "deprecated_at" not in registry.asset()


def test_what_the_documents_call_an_asset_erases_nothing() -> None:
    registry = Registry()
    in_words = {
        "id": ID, "name": "by the book", "model_version": "2.2.0", "owner_team": "support-ai",
        "created_at": "2025-11-19 11:58:12", "size_mb": 7168.5,
    }  # fmt: skip
    envelope = {
        "eventId": "9948c645-c094-4477-94f4-c7acdbeb2bb6", "eventType": "asset.registered",
        "source": "registry", "timestamp": "2025-11-19T10:00:00.000Z", "version": "1.0.0",
        "data": {"assetId": ID, "assetName": "x", "version": "2.1.0", "category": "text"},
    }  # fmt: skip
    registry.send(DESCRIBED, in_words, envelope)
    asset = registry.asset()
    told = ("asset_name", "version", "owner", "size_bytes", "category", "license", "created_at")
    assert [asset[name] for name in told] == [
        "by the book", "2.2.0", "support-ai", 7516717056, "text", "MIT", "2025-11-19T11:58:12.000000Z",
    ]  # fmt: skip


def canonical(event_type: str, hour: int, **members: Any) -> Row:
    at = f"2025-11-19T{hour:02}:00:00Z"
    known = {"source": "registry", "asset_id": ID, "event_id": f"{event_type}{hour}"}
    return {**known, "event_type": event_type, "occurred_at": at, **members}


def test_a_retired_version_leaves_its_asset_alone() -> None:
    registry = Registry()
    rows = [
        canonical("version.published", 8, asset_version="1.0", attributes={"owner": "ann"}),
        canonical("version.promoted", 9, asset_version="2.0"),
        canonical("version.retired", 10, asset_version="1.0"),
        canonical("version.retired", 11),
    ]
    registry.take(Decoded(rows))
    assert (registry.asset()["version"], "status" in registry.asset()) == ("2.0", False)
    shown = [(one["version"], one.get("status")) for one in registry.versions()]
    assert shown == [("2.0", None), ("1.0", "retired")]


@pytest.mark.parametrize(
    "attributes",
    [
        {"asset_name": 5, "tags": "x", "size_bytes": -1, "created_at": "never", "storage": "s3"},
        {"asset_name": ["x"], "annotations": [], "size_bytes": 1e400, "created_at": True},
        {"tags": [1, None], "asset_type": {"a": "b"}, "provenance": {}, "checksum": {"value": {}}},
    ],
)
def test_members_that_are_no_such_thing_are_left_out(attributes: Row) -> None:
    registry = Registry()
    registry.take(Decoded([canonical("asset.updated", 10, attributes=attributes)]))
    unknown = registry.asset().keys() - {"asset_id", "updated_at", "first_seen", "last_seen"}
    assert unknown <= {"tags"}
    assert registry.asset().get("tags", []) == []


def test_batches_without_registry_events_tell_nothing() -> None:
    rows = [canonical("asset.updated", 10) | {"source": "observatory"}]
    events = normalize(rows, Arrival("t", NOW), RULES).events
    assert asset_facts(events) is None
    assert asset_facts(events.slice(0, 0)) is None
    checked = [canonical("checksum.verified", 10), canonical("asset.updated", 10, asset_id=None)]
    assert asset_facts(normalize(checked, Arrival("t", NOW), RULES).events) is None
