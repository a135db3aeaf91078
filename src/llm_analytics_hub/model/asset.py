"""Assets of the registry as columns: what events tell of them, and what is known of each.

An asset is kept once as a whole, under the version "", and once for each of its versions.
"""

from dataclasses import dataclass
from datetime import datetime

import pyarrow as pa

from llm_analytics_hub.model.event import MOMENT, TEXT

ASSET_MEMBERS = (
    "name", "asset_type", "category", "status", "owner", "description", "license", "tags",
    "annotations", "size_bytes", "content_type", "storage_backend", "storage_uri",
    "checksum_algorithm", "checksum", "provenance", "dependencies", "created_at", "updated_at",
    "deprecated_at",
)  # fmt: skip
"""What can be known of an asset, each as text.

`tags`, `annotations`, `provenance` and `dependencies` are JSON; `size_bytes` has digits only; times
are ISO 8601, UTC, with microseconds.
"""

CURRENT = "current_version"
"""The member of a whole asset that names its newest version."""

ASSET_FACT_SCHEMA = pa.schema(
    [
        ("tenant", TEXT),
        ("asset_id", TEXT),
        ("version", TEXT),
        ("occurred_at", MOMENT),
        *((name, TEXT) for name in (*ASSET_MEMBERS, CURRENT)),
    ]
)
"""What one event tells of an asset, or of one of its versions: null = nothing, "" = it has none.

Of each member the fact that occurred last holds; of two at the same moment the greater text. So
facts may come in any order, and again.
"""

ASSET_SCHEMA = pa.schema(
    [
        ("tenant", TEXT),
        ("asset_id", TEXT),
        ("version", TEXT),
        *((name, TEXT) for name in ASSET_MEMBERS),
        ("first_seen", MOMENT),
        ("last_seen", MOMENT),
    ]
)
"""What is known of assets or of versions; null = unknown, or none. A whole asset's `version` is its
newest one.

`first_seen` and `last_seen` are when the first and the last event about it occurred.
"""


@dataclass(frozen=True)
class AssetFilter:
    """Which whole assets a list shows: by id, from just after `after`, at most `limit`.

    A condition that is None lets all through; `tag` is one of an asset's tags.
    """

    tenant: str
    asset_id: str | None = None
    asset_type: str | None = None
    status: str | None = None
    owner: str | None = None
    tag: str | None = None
    name_prefix: str | None = None
    limit: int = 100
    after: str = ""


@dataclass(frozen=True)
class VersionFilter:
    """Which versions of an asset a list shows: those first seen last, at most `limit`.

    `before` is the place of a version, its `first_seen` and its name: only those behind it.
    """

    tenant: str
    asset_id: str
    limit: int = 100
    before: tuple[datetime, str] | None = None
