"""What a poll must know after a restart: how far it read each list."""

from collections.abc import Collection
from datetime import datetime

import msgspec

LONGEST_PLACE = 4096
"""Characters of a place that is remembered; the other side chooses cursors."""


class Progress(msgspec.Struct, frozen=True, omit_defaults=True):
    """How far a list was read: rows from `since` on, in a walk that goes on at `place`.

    `newest` is the time of the newest row of this walk, from which the next one counts back.
    """

    since: datetime
    newest: datetime | None = None
    place: str = ""


class Memory:
    """The progress of all lists of a connector, by path, as a text that can be kept."""

    def __init__(self, kept: str | None) -> None:
        self._lists: dict[str, Progress] = _read(kept)

    def of(self, path: str) -> Progress | None:
        """How far a list was read; None for one that was not yet."""
        return self._lists.get(path)

    def note(self, path: str, progress: Progress) -> str:
        """Everything, to be kept. A place too long for that is forgotten: its walk begins anew."""
        self._lists[path] = progress
        kept = {name: _cut(one) for name, one in self._lists.items()}
        return msgspec.json.encode(kept).decode()

    def keep_only(self, paths: Collection[str]) -> None:
        """Forget lists that are no longer asked for."""
        self._lists = {path: one for path, one in self._lists.items() if path in paths}


def _read(kept: str | None) -> dict[str, Progress]:
    try:
        return msgspec.json.decode(kept or "{}", type=dict[str, Progress])
    except msgspec.DecodeError:
        return {}  # of an earlier version: what is read again counts once


def _cut(progress: Progress) -> Progress:
    if len(progress.place) <= LONGEST_PLACE:
        return progress
    return msgspec.structs.replace(progress, place="")
