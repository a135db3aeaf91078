"""ClickHouse in this process: a small pool of chDB connections behind one `Engine`."""

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pyarrow as pa
from chdb.session import Session

from llm_analytics_hub.errors import (
    ConflictError,
    InvalidInputError,
    InvalidQueryError,
    UnavailableError,
)

BUDGET_CODES = {158, 159, 160, 241, 307, 396}
"""ClickHouse codes of a used-up budget: rows, time, estimated time, memory, bytes, result rows."""

REFUSED = "refused_by_store"
"""Error code of rows that would be refused again."""

DATA_CODES = {6, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 349, 407}
"""ClickHouse codes that blame the rows: they would be refused again."""

ONCE = (
    "async_insert=0, deduplicate_insert='enable', deduplicate_insert_select='force_enable', "
    "deduplicate_blocks_in_dependent_materialized_views=1, "
    # One thread, so that a repeated insert has the same blocks; as many months as a backfill has.
    "max_insert_threads=1, max_partitions_per_insert_block=0"
)

_CODE = re.compile(r"Code: (\d+)")
_ESCAPES = str.maketrans({"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"})


def escape(text: str) -> str:
    """`text` as ClickHouse reads a String parameter: TSV-escaped."""
    return text.translate(_ESCAPES)


def array_literal(texts: tuple[str, ...]) -> str:
    """`texts` as ClickHouse reads an Array(String) parameter."""
    quoted = ("'" + escape(text).replace("'", "\\'") + "'" for text in texts)
    return "[" + ",".join(quoted) + "]"


class EmbeddedEngine:
    """Runs SQL on the ClickHouse in this process; safe for many threads.

    One chDB connection serialises its queries, so reads share a pool of them and writes have one
    of their own: a slow question never holds up an insert.
    """

    def __init__(self, folder: Path, *, readers: int = 2) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._incoming = folder.resolve() / "incoming.arrow"
        self._writer = _open(folder)
        self._writing = threading.Lock()
        self._readers: SimpleQueue[Session] = SimpleQueue()
        self._reader_count = readers
        self._closed = False
        for _ in range(readers):
            self._readers.put(_open(folder))

    def query(self, sql: str, args: Mapping[str, Any] | None = None) -> tuple[pa.Table, int, float]:
        """Rows of a SELECT, rows read from storage, and milliseconds in the engine."""
        with self._reader() as session, translated():
            result = session.query(sql, "ArrowStream", params=dict(args or {}))
            table = pa.ipc.open_stream(result.bytes()).read_all()
            return table, result.storage_rows_read(), result.elapsed() * 1000

    def command(self, sql: str, args: Mapping[str, Any] | None = None) -> None:
        """Run a statement that gives no rows."""
        with self._only_writer() as session, translated():
            session.query(sql, params=dict(args or {}))

    def insert(self, table: str, rows: pa.RecordBatch, token: str) -> None:
        """Insert `rows` in one block; the same `token` again changes nothing, views included.

        By way of a file: chDB's own streaming insert reports success when a table or a view refuses
        the rows (26.9), which would lose them.
        """
        known = known_columns(rows)
        names = ", ".join(known.schema.names)
        statement = (
            f"INSERT INTO {table} ({names}) SETTINGS {ONCE}, insert_deduplication_token='{token}' "
            f"SELECT {names} FROM file({{path:String}}, ArrowStream)"
        )
        with self._only_writer() as session, translated():
            self._write_incoming(known)
            session.query(statement, params={"path": escape(str(self._incoming))})
            self._incoming.unlink()

    def insert_joined(
        self, rows: pa.RecordBatch, statements: Sequence[str], args: Mapping[str, Any]
    ) -> None:
        """Run `statements`, one after the other, that may read `rows` from `file({path:String})`."""
        with self._only_writer() as session, translated():
            self._write_incoming(rows)
            path = {"path": escape(str(self._incoming))}
            for statement in statements:
                session.query(statement, params={**args, **path})
            self._incoming.unlink()

    def close(self) -> None:
        """Finish what runs, then release the folder for other processes."""
        with self._writing:
            self._closed = True
            self._writer.close()
        sessions = [self._readers.get() for _ in range(self._reader_count)]
        for session in sessions:
            session.close()
            self._readers.put(session)  # whoever waits for one is told that the store is closed

    @contextmanager
    def _reader(self) -> Iterator[Session]:
        session = self._readers.get()
        try:
            self._check_open()
            yield session
        finally:
            self._readers.put(session)

    @contextmanager
    def _only_writer(self) -> Iterator[Session]:
        # chDB refuses a statement on a connection that has an insert under way.
        with self._writing:
            self._check_open()
            yield self._writer

    def _write_incoming(self, rows: pa.RecordBatch) -> None:
        with pa.OSFile(str(self._incoming), "wb") as file:
            _write_stream(file, rows)

    def _check_open(self) -> None:
        if self._closed:
            raise UnavailableError("the store is closed")


def known_columns(rows: pa.RecordBatch) -> pa.RecordBatch:
    """`rows` without the columns that are all null: half of an event's, and not free to carry."""
    known = [n for n, column in enumerate(rows.columns) if column.null_count < len(column)]
    return rows.select(known)


def arrow_stream(rows: pa.RecordBatch) -> pa.Buffer:
    """`rows` as an Arrow IPC stream, schema included."""
    sink = pa.BufferOutputStream()
    _write_stream(sink, rows)
    return sink.getvalue()


def _write_stream(sink: pa.NativeFile, rows: pa.RecordBatch) -> None:
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_batch(rows)


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of the driver and the disk into the hub's."""
    try:
        yield
    except RuntimeError as error:
        found = _CODE.search(str(error))
        code = int(found.group(1)) if found else 0
        first_line = str(error).partition("\n")[0][:500]
        if code in BUDGET_CODES:
            message = f"the question needs more than its budget: {first_line}"
            raise InvalidQueryError(message, code="budget_exceeded") from error
        if code in DATA_CODES:
            raise InvalidInputError(first_line, code=REFUSED) from error
        raise UnavailableError(first_line) from error
    except OSError as error:
        raise UnavailableError(str(error)) from error


def _open(folder: Path) -> Session:
    try:
        return Session(str(folder))
    except RuntimeError as error:
        if "EmbeddedServer" in str(error) or "Cannot lock" in str(error):
            message = f"another process holds the data folder {folder}: stop it, or use its --url"
            raise ConflictError(message, code="data_folder_in_use") from error
        raise UnavailableError(str(error)) from error
