"""Parquet, a row group for each batch."""

from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from llm_analytics_hub.query.formats.format import Layout


class ParquetFile:
    """Holds one row group at a time; types are those of the schema, zstd-compressed."""

    def __init__(self, sink: BinaryIO, layout: Layout) -> None:
        self._writer = pq.ParquetWriter(sink, layout.schema, compression="zstd")

    def write(self, batch: pa.RecordBatch, /) -> None:
        """See `TableWriter.write`."""
        self._writer.write_batch(batch)

    def close(self) -> None:
        """See `TableWriter.close`."""
        self._writer.close()

    def abandon(self) -> None:
        """See `TableWriter.abandon`."""
        self._writer.close()  # else it would when it is collected, and its sink may be closed by then
