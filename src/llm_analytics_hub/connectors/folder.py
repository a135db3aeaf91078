"""A watched folder: the files that a module's exports leave there, each taken once."""

import asyncio
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Literal

import structlog
from pydantic import Field

from llm_analytics_hub.connectors.connector import ConnectorSettings
from llm_analytics_hub.connectors.file_slices import slices
from llm_analytics_hub.connectors.link import Link
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.payload import Payload

log = structlog.get_logger(__name__)

DONE, REFUSED = "done", "refused"
"""The folders inside the watched one that files go to."""


class FolderSettings(ConnectorSettings):
    """Files that appear in a folder: .json, .jsonl, .ndjson or .csv in the module's own shapes.

    A file is taken when nobody has written to it for `settled`, and then moved to `done`, or to
    `refused` where its name does not tell what it holds, or it is too large. One that comes again,
    also under another name, counts once; refused rows are dead letters.
    """

    kind: Literal["folder"] = "folder"
    path: Path = Field(description="the folder; it is made if it is not there")
    every: timedelta = Field(
        timedelta(seconds=5), gt=timedelta(), description="how often the folder is looked at"
    )
    settled: timedelta = Field(
        timedelta(seconds=2), ge=timedelta(), description="how long a file must rest to be whole"
    )
    largest_bytes: int = Field(
        64 << 20, ge=1024, description="most of a JSON file, or of one line of another, bytes"
    )

    @property
    def remote(self) -> str:
        """The folder."""
        return str(self.path)

    def connector(self) -> "FolderConnector":
        """What watches the folder."""
        return FolderConnector(self)


class FolderConnector:
    """Takes the files of a folder, oldest first, for ever."""

    def __init__(self, settings: FolderSettings) -> None:
        self._settings = settings

    async def run(self, link: Link) -> None:
        """Look, take what is whole, wait. Raises: OSError where the folder cannot be used."""
        for name in (DONE, REFUSED):
            await asyncio.to_thread((self._settings.path / name).mkdir, parents=True, exist_ok=True)
        while True:
            link.alive()
            now = link.clock.now().timestamp()
            for path in await asyncio.to_thread(self._whole_files, now):
                await self._take(path, link)
            await asyncio.sleep(self._settings.every.total_seconds())

    def _whole_files(self, now: float) -> list[Path]:
        """Oldest first; a name that begins with a dot, or ends in .part or .tmp, is being written."""
        latest = now - self._settings.settled.total_seconds()
        names = (path for path in self._settings.path.iterdir() if not _is_being_written(path))
        whole = [(written, path) for path in names if 0 < (written := _written(path)) <= latest]
        return [path for _, path in sorted(whole)]

    async def _take(self, path: Path, link: Link) -> None:
        payloads = slices(path, self._settings.largest_bytes)
        try:
            while (payload := await asyncio.to_thread(_next, payloads)) is not None:
                await link.store([payload], is_import=True)
        except InvalidInputError as error:
            link.fault(error)
            log.warning("file refused", file=path.name, error=error.message)
            await asyncio.to_thread(_move, path, REFUSED)
        else:
            await asyncio.to_thread(_move, path, DONE)


def _is_being_written(path: Path) -> bool:
    return path.name.startswith(".") or path.suffix in {".part", ".tmp"}


def _written(path: Path) -> float:
    """When a file was last written to, in seconds since 1970; 0 for what is none, or gone by now."""
    try:
        return path.stat().st_mtime if path.is_file() else 0.0
    except FileNotFoundError:
        return 0.0


def _next(payloads: Iterator[Payload]) -> Payload | None:
    return next(payloads, None)


def _move(path: Path, folder: str) -> None:
    """Into a folder beside it, under a name that nothing there has."""
    target = path.parent / folder / path.name
    number = 1
    while target.exists():
        number += 1
        target = target.with_name(f"{path.stem}.{number}{path.suffix}")
    path.rename(target)
