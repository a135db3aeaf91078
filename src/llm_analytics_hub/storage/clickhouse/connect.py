"""ClickHouse in this process: a small pool of chDB connections behind one `Engine`."""

import threading
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pyarrow as pa
from chdb.session import Session

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.clickhouse.driver_errors import cancelled, translated
from llm_analytics_hub.storage.clickhouse.sessions import answer, open_session

ONCE = (
    "async_insert=0, deduplicate_insert='enable', deduplicate_insert_select='force_enable', "
    "deduplicate_blocks_in_dependent_materialized_views=1, "
    # One thread, so that a repeated insert has the same blocks; as many months as a backfill has.
    "max_insert_threads=1, max_partitions_per_insert_block=0"
)

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
        self._folder = folder
        self._writer = open_session(folder)
        self._writing = threading.Lock()
        self._readers: SimpleQueue[Session] = SimpleQueue()
        self._reader_count = readers
        self._closed = False
        self._apart = threading.Condition()
        self._apart_count = 0
        for _ in range(readers):
            self._readers.put(open_session(folder))

    def query(
        self,
        sql: str,
        args: Mapping[str, Any] | None = None,
        cancellation: Cancellation | None = None,
    ) -> tuple[pa.Table, int, float]:
        """Rows of a SELECT, rows read from storage, and milliseconds in the engine.

        Raises: UnavailableError with the code `cancelled` once `cancellation` ended it.
        """
        with translated(), self._reader() as session:
            return self._ask(session, sql, args, cancellation)

    @contextmanager
    def apart(self, first: Sequence[str]) -> Iterator["Apart"]:
        """A connection of its own, which ends with the block; `first` (SET, USE) was run on it.

        Not one of the readers: what is asked here holds up no other question. Errors are the
        driver's own, RuntimeError.
        """
        with self._counted_apart(), closing(open_session(self._folder)) as session:
            for statement in first:
                session.query(statement)
            yield Apart(self, session)

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
        with self._apart:
            self._apart.wait_for(lambda: self._apart_count == 0)
        sessions = [self._readers.get() for _ in range(self._reader_count)]
        for session in sessions:
            session.close()
            self._readers.put(session)  # whoever waits for one is told that the store is closed

    def _ask(
        self,
        session: Session,
        sql: str,
        args: Mapping[str, Any] | None,
        cancellation: Cancellation | None,
    ) -> tuple[pa.Table, int, float]:
        if cancellation is None:
            return answer(session, sql, args)
        mark = f"/* {uuid.uuid4().hex} */"
        with cancellation.ends_by(lambda: self._kill(mark)):
            if cancellation.is_cancelled:
                raise cancelled()
            return answer(session, f"{mark} {sql}", args)

    def _kill(self, mark: str) -> None:
        """End the statement that begins with `mark`, if it runs."""
        session = open_session(self._folder)
        with closing(session), suppress(RuntimeError):
            session.query(f"KILL QUERY WHERE startsWith(query, '{mark}') ASYNC")

    @contextmanager
    def _reader(self) -> Iterator[Session]:
        session = self._readers.get()
        try:
            self._checkopen_session()
            try:
                yield session
            except BaseException:
                session = self._renewed(session)
                raise
        finally:
            self._readers.put(session)

    @contextmanager
    def _only_writer(self) -> Iterator[Session]:
        # chDB refuses a statement on a connection that has an insert under way.
        with self._writing:
            self._checkopen_session()
            try:
                yield self._writer
            except BaseException:
                self._writer = self._renewed(self._writer)
                raise

    def _renewed(self, failed: Session) -> Session:
        # chDB 26.9: the rows that a failed statement had ready are the answer to the next one on
        # its connection, whoever asks it.
        session = open_session(self._folder)
        failed.close()
        return session

    @contextmanager
    def _counted_apart(self) -> Iterator[None]:
        with self._apart:
            self._checkopen_session()
            self._apart_count += 1
        try:
            yield
        finally:
            with self._apart:
                self._apart_count -= 1
                self._apart.notify_all()

    def _write_incoming(self, rows: pa.RecordBatch) -> None:
        with pa.OSFile(str(self._incoming), "wb") as file:
            _write_stream(file, rows)

    def _checkopen_session(self) -> None:
        if self._closed:
            raise UnavailableError("the store is closed")


class Apart:
    """A connection that one question has for itself."""

    def __init__(self, engine: EmbeddedEngine, session: Session) -> None:
        self._engine = engine
        self._session = session

    def query(
        self,
        sql: str,
        args: Mapping[str, Any] | None = None,
        cancellation: Cancellation | None = None,
    ) -> tuple[pa.Table, int, float]:
        """As `EmbeddedEngine.query`. Raises: RuntimeError, as the driver says it."""
        return self._engine._ask(self._session, sql, args, cancellation)  # noqa: SLF001


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
