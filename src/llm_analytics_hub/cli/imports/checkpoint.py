"""Where an interrupted import goes on: one small file per import, gone when it is finished."""

import contextlib
import hashlib
from pathlib import Path

import msgspec


class Checkpoint:
    """How many batches of one import the hub has acknowledged.

    Kept in a file named by everything that makes the import what it is. A folder that cannot be
    written costs the short way back, never the import.
    """

    def __init__(self, folder: Path, *identity: object) -> None:
        name = hashlib.sha256(msgspec.json.encode(identity)).hexdigest()
        self._file = folder / f"{name[:32]}.json"

    def load(self) -> int:
        """The number of acknowledged batches, 0 if nothing is known."""
        try:
            return max(0, msgspec.json.decode(self._file.read_bytes(), type=int))
        except (OSError, msgspec.DecodeError):
            return 0

    def save(self, batches: int) -> None:
        """Remember that so many batches are acknowledged."""
        with contextlib.suppress(OSError):
            self._file.parent.mkdir(parents=True, exist_ok=True)
            new = self._file.with_suffix(".new")
            new.write_bytes(msgspec.json.encode(batches))
            new.replace(self._file)

    def clear(self) -> None:
        """Forget the import: it is finished, or is to start over."""
        with contextlib.suppress(OSError):
            self._file.unlink(missing_ok=True)
