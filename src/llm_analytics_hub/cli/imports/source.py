"""One file to import: what it holds, and what its rows become."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from llm_analytics_hub.cli.imports.batches import Batch, batches
from llm_analytics_hub.cli.imports.files import Format, fingerprint, open_rows
from llm_analytics_hub.cli.imports.mapping import AsTheyAre, EventShape, MappedRows


class Source:
    """A file, checked and ready to be read.

    Raises: InvalidInputError for a mapped column that is not there; UndecodableError.
    """

    def __init__(
        self, path: Path, name: str, form: Format, delimiter: str | None, mapping: MappedRows
    ) -> None:
        self.name = name
        self._form = form
        self._rows = open_rows(path, form, delimiter)
        as_events = form is Format.JSONL and not mapping.columns
        self._shape: EventShape = AsTheyAre(mapping.fixed) if as_events else mapping
        mapping.check(self._rows.columns())
        self._content = fingerprint(path)
        options = (mapping.columns, mapping.fixed, mapping.keep_rest)
        self.identity = (self._content.digest, form, delimiter, *options)

    @property
    def rows_about(self) -> int | None:
        """How many rows the file may have; None if only reading it tells."""
        is_plain_text = self._form is not Format.PARQUET and not self.name.endswith(".gz")
        return self._content.lines if is_plain_text else None

    def batches(self) -> Iterator[Batch]:
        """The rows as events, in batches."""
        return batches(self._rows, self._shape, self._content.digest)


@contextmanager
def kept_on_disk(stream: BinaryIO) -> Iterator[Path]:
    """A stream as a file, read to its end: ids come from the whole content."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "stdin"
        with path.open("wb") as copy:
            shutil.copyfileobj(stream, copy)
        yield path
