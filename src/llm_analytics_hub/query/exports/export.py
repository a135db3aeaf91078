"""An export as a value: what was asked, how far it is, what came of it."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from llm_analytics_hub.query.formats.format import Format

EXPORT_ID = re.compile("[0-9a-f]{32}")


class What(StrEnum):
    """What an export is made of."""

    EVENTS = "events"
    QUERY = "query"
    ASSETS = "assets"


class Status(StrEnum):
    """How far it is; the last two stay."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Spot(msgspec.Struct, frozen=True):
    """The row after which the reading goes on: an event's place, or an asset's id."""

    id: str
    moment: datetime | None = None
    key: int = 0


class Fault(msgspec.Struct, frozen=True):
    """Why it failed."""

    code: str
    message: str


class Export(msgspec.Struct, kw_only=True):
    """One export; it is the manifest beside its file, too.

    `question` has no relative times. `rows` and `written_bytes` are what is safely in the growing
    file, `after` the last of those rows. `bytes` and `sha256` are of the file as it is handed out.
    """

    id: str
    tenant: str
    what: What
    format: Format
    made_at: datetime
    question: dict[str, Any]
    destination: str = "download"
    prefix: str = ""
    status: Status = Status.QUEUED
    rows: int = 0
    expected_rows: int | None = None
    written_bytes: int = 0
    after: Spot | None = None
    columns: list[dict[str, str]] = []
    bytes: int | None = None
    sha256: str | None = None
    finished_at: datetime | None = None
    location: str | None = None
    error: Fault | None = None

    @property
    def file_name(self) -> str:
        """The name of its file."""
        return f"{self.id}.{self.format}"

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen to it."""
        return self.status in {Status.DONE, Status.FAILED}

    @property
    def file_at_hand(self) -> bool:
        """Whether the hub itself hands out the file."""
        return self.status is Status.DONE and self.location is None

    @property
    def percent(self) -> float | None:
        """How much of the rows is written; None where their number is not known."""
        if self.status is Status.DONE:
            return 100.0
        if not self.expected_rows:
            return None
        return round(min(99.9, 100 * self.rows / self.expected_rows), 1)


def manifest_of(export: Export) -> dict[str, Any]:
    """What the receiver of the file is told of it."""
    names = ("id", "tenant", "what", "format", "made_at", "question", "rows", "bytes", "sha256", "columns")  # fmt: skip
    known = {name: getattr(export, name) for name in names}
    return {**known, "file": export.file_name}


def to_api(export: Export) -> dict[str, Any]:
    """The export as a JSON object; what is not known yet is left out."""
    told = {name: getattr(export, name) for name in export.__struct_fields__ if name not in _INSIDE}
    told["percent"] = export.percent
    return {name: value for name, value in told.items() if value not in (None, [], "")}


_INSIDE = {"tenant", "after", "written_bytes"}
