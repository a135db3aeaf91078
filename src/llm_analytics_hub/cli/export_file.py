"""An export fetched to a file here: followed, downloaded in ranges, checked, gone on with."""

import hashlib
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from llm_analytics_hub.cli.client import HubClient
from llm_analytics_hub.errors import ConflictError, InvalidInputError, NotFoundError

EXPORTS = "/api/v1/exports"
RANGE_BYTES = 8 * 1024 * 1024
_SHORTEST_WAIT, _LONGEST_WAIT = 0.05, 1.0

Told = dict[str, Any]
Progress = Callable[[str, int, int | None], object]
"""Told what is done now, how much of it, and of how much."""


class ExportFetch:
    """Brings one export here. What is under way stands in `FILE.part` and `FILE.part.json`.

    The same wish again, after whatever ended the first, goes on with both.
    """

    def __init__(self, hub: HubClient, out: Path, progress: Progress) -> None:
        self._hub, self._out, self._progress = hub, out, progress
        self._part = out.with_name(f"{out.name}.part")
        self._note = out.with_name(f"{out.name}.part.json")

    def fetch(self, body: Mapping[str, Any], hub_name: str) -> Told:
        """What is known of the export whose data is in the file now.

        Raises: ConflictError when it failed, or what came is not what the hub's checksum says.
        """
        wish = {"hub": hub_name, **body}
        export = self._followed(self._begun(wish) or self._new(wish, body))
        self._download(export)
        self._check(export)
        self._part.replace(self._out)
        self._note.unlink()
        self._hub.call("DELETE", _path(export))
        return export

    def _begun(self, wish: Mapping[str, Any]) -> Told | None:
        """The export of an earlier try of the same wish, if the hub still has it."""
        try:
            note = msgspec.json.decode(self._note.read_bytes(), type=Told)
            same = note.get("wish") == msgspec.to_builtins(wish)
            found = self._told("GET", f"{EXPORTS}/{note['id']}") if same else None
        except (OSError, msgspec.MsgspecError, KeyError, NotFoundError):
            return None
        return found if found and found["status"] != "failed" else None

    def _new(self, wish: Mapping[str, Any], body: Mapping[str, Any]) -> Told:
        self._part.unlink(missing_ok=True)
        export = self._told("POST", EXPORTS, json=dict(body))
        self._note.write_bytes(msgspec.json.encode({"id": export["id"], "wish": wish}))
        return export

    def _followed(self, export: Told) -> Told:
        wait = _SHORTEST_WAIT
        while export["status"] in {"queued", "running"}:
            self._progress("rows", export["rows"], export.get("expected_rows"))
            time.sleep(wait)
            wait = min(2 * wait, _LONGEST_WAIT)
            export = self._told("GET", _path(export))
        if export["status"] == "failed":
            raise ConflictError(export["error"]["message"], code=export["error"]["code"])
        return export

    def _download(self, export: Told) -> None:
        with self._part.open("ab") as file:
            while file.tell() < export["bytes"]:
                first = file.tell()
                last = min(first + RANGE_BYTES, export["bytes"]) - 1
                wanted = {"range": f"bytes={first}-{last}"}
                file.write(self._hub.call("GET", f"{_path(export)}/data", headers=wanted))
                self._progress("bytes", file.tell(), export["bytes"])

    def _check(self, export: Told) -> None:
        with self._part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != export["sha256"]:
            self._part.unlink()
            message = f"what came has the SHA-256 {found}, not {export['sha256']}: run it again"
            raise ConflictError(message, code="checksum_differs")

    def _told(self, method: str, path: str, **content: Any) -> Told:
        told: Told = msgspec.json.decode(self._hub.call(method, path, **content))
        return told


def check_out(out: Path, *, force: bool) -> None:
    """Raises: InvalidInputError if nothing may be written to `out`."""
    if out.exists() and not force:
        raise InvalidInputError(f"{out} is there already: name another file, or say --force")
    if not out.absolute().parent.is_dir():
        raise InvalidInputError(f"there is no folder {out.absolute().parent}")


def _path(export: Told) -> str:
    return f"{EXPORTS}/{export['id']}"
