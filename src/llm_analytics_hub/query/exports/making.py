"""One export's file, made so that it can go on after any death of the process.

Rows go to the end of a growing file; after each chunk the file is flushed to the disk, and then the
manifest says how many bytes are good and which row was the last. Who goes on cuts the file there.
Formats that cannot grow (Parquet, workbooks) are made of such a file at the end, in one go.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from llm_analytics_hub.query.exports.chunks import Chunk, Source
from llm_analytics_hub.query.exports.export import Export
from llm_analytics_hub.query.exports.folder import ExportFolder
from llm_analytics_hub.query.formats.format import Appending, Format, Layout
from llm_analytics_hub.query.formats.opening import appending_form, write_table

_BATCH_ROWS = 10_000

Watch = Callable[[Export], None]
"""Called at each step that is safe; it raises to end the work there."""


class Making:
    """Makes the file of one export. `watch` is called when a chunk is safe, before its manifest."""

    def __init__(self, folder: ExportFolder, export: Export, watch: Watch) -> None:
        self._folder, self._export, self._watch = folder, export, watch

    def make(self, source: Source) -> None:
        """The whole file, with its rows, bytes and checksum in the export."""
        export, form = self._export, self._export.format
        export.columns = _described(source.layout.schema)
        appending = appending_form(form, source.layout)
        if appending is None:
            spool = appending_form(Format.ARROW, source.layout)
            assert spool is not None  # noqa: S101 - Arrow streams grow
            self._append(self._folder.spool(export), spool, source.chunks)
            self._convert(source.layout)
        else:
            self._append(self._folder.growing(export), appending, source.chunks)
        self._folder.growing(export).replace(self._folder.file(export))
        self.measure()

    def check_rest(self) -> None:
        """Begin anew if the growing file is not all that the manifest says."""
        export = self._export
        found = (self._folder.growing(export), self._folder.spool(export))
        if max((path.stat().st_size for path in found if path.exists()), default=0) < export.written_bytes:  # fmt: skip
            export.rows = export.written_bytes = 0
            export.after = None

    def measure(self) -> None:
        """Tell the size and the checksum of the finished file, and forget what it was made from."""
        path = self._folder.file(self._export)
        with path.open("rb") as file:
            self._export.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        self._export.bytes = path.stat().st_size
        self._folder.drop_growing(self._export)

    def _append(self, path: Path, form: Appending, chunks: Iterator[Chunk]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _opened(path) as file:
            file.truncate(self._export.written_bytes)
            file.seek(self._export.written_bytes)
            if not self._export.written_bytes:
                file.write(form.head())
            for chunk in chunks:
                for batch in _batches(chunk.rows):
                    file.write(form.rows(batch))
                self._keep(file, chunk)
            file.write(form.tail())
            _flush(file)

    def _keep(self, file: BinaryIO, chunk: Chunk) -> None:
        _flush(file)
        export = self._export
        export.written_bytes, export.after = file.tell(), chunk.last
        export.rows += chunk.rows.num_rows
        self._watch(export)

    def _convert(self, layout: Layout) -> None:
        """Make the file of the rows that wait in the spool."""
        with self._folder.growing(self._export).open("wb") as sink:
            with pa.OSFile(str(self._folder.spool(self._export))) as spool:
                batches = self._watched(pa.ipc.open_stream(spool))
                write_table(self._export.format, sink, layout, batches)
            _flush(sink)

    def _watched(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            self._watch(self._export)
            yield batch


def _opened(path: Path) -> BinaryIO:
    return path.open("r+b" if path.exists() else "w+b")


def _batches(rows: pa.Table) -> list[pa.RecordBatch]:
    """The rows in pieces that are written one at a time; none of them is empty."""
    whole = rows.combine_chunks().to_batches(max_chunksize=_BATCH_ROWS)
    return [batch for batch in whole if batch.num_rows]


def _flush(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())


def _described(schema: pa.Schema) -> list[dict[str, str]]:
    return [{"name": field.name, "type": str(field.type), **_unit(field)} for field in schema]


def _unit(field: pa.Field) -> dict[str, str]:
    unit = (field.metadata or {}).get(b"unit")
    return {"unit": unit.decode()} if unit else {}
