"""The Arrow IPC stream: schema, batches, end mark."""

import pyarrow as pa

from llm_analytics_hub.query.formats.format import Layout

_END = b"\xff\xff\xff\xff\x00\x00\x00\x00"
"""Source: Arrow columnar format, "IPC Streaming Format"."""


class ArrowStream:
    """Message by message, so that a stream can go on where it was cut."""

    def __init__(self, layout: Layout) -> None:
        self._schema = layout.schema

    def head(self) -> bytes:
        """See `Appending.head`."""
        return bytes(self._schema.serialize())

    def rows(self, batch: pa.RecordBatch, /) -> bytes:
        """See `Appending.rows`."""
        return bytes(batch.serialize())

    def tail(self) -> bytes:
        """See `Appending.tail`."""
        return _END
