"""A file that is fetched in pieces: where it goes, how far it is, whether it is whole."""

import hashlib
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import BinaryIO

import httpx

from llm_analytics_hub.client.call import Call
from llm_analytics_hub.errors import UnavailableError


@dataclass
class Download:
    """What is at `path` of the hub, to be written to the file `to`.

    It grows beside its place, in `to` with `.part` behind; `finish` puts it there. A new try goes
    on where the last one ended.
    """

    path: str
    to: Path
    sha256: str
    _written: int = 0
    _file: BinaryIO | None = field(default=None, repr=False)

    @property
    def call(self) -> Call[None]:
        """The request for it; nothing is left to read once its pieces are taken."""
        # 416: nothing was missing but the end of the answer; `finish` finds out.
        return Call("GET", self.path, lambda _: None, expects=frozenset({416}))

    @property
    def headers(self) -> dict[str, str]:
        """What to ask with: the rest of the file, as long as it is the same one."""
        if not self._written:
            return {"Accept-Encoding": "identity"}
        return {
            "Accept-Encoding": "identity",
            "Range": f"bytes={self._written}-",
            "If-Range": f'"{self.sha256}"',
        }

    def begin(self, answer: httpx.Response) -> None:
        """Take an answer up; one that is the whole file again starts over. Raises: OSError."""
        if answer.status_code != HTTPStatus.PARTIAL_CONTENT:
            self._written = 0
        self._close()
        self._file = self._part.open("ab" if self._written else "wb")

    def take(self, piece: bytes) -> None:
        """Write a piece. Raises: OSError."""
        assert self._file is not None  # noqa: S101 - `begin` opened it
        self._file.write(piece)
        self._written += len(piece)

    def finish(self) -> None:
        """Put the file in its place. Raises: UnavailableError if it is not what the hub made."""
        self._close()
        with self._part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != self.sha256:
            message = f"{self.to.name} did not arrive whole: its checksum is another; export again"
            raise UnavailableError(message, code="checksum_mismatch")
        self._part.replace(self.to)

    def clean_up(self) -> None:
        """Leave nothing but the file behind."""
        self._close()
        self._part.unlink(missing_ok=True)

    @property
    def _part(self) -> Path:
        return self.to.with_name(f"{self.to.name}.part")

    def _close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
