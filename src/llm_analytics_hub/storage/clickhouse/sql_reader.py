"""SELECT statements of readers: parsed by the engine, checked, run with the rights of a reader.

Three walls stand one behind the other. The statement that runs is not what was sent but what the
engine's formatter wrote of the one statement it found there, and its syntax tree was checked
(`sql_tree.py`). It runs on a connection of its own that has the rights of the views only, and whose
tenant, budget and settings cannot be changed (`access.py`, `sql_views.py`). The engine's own tables,
which it shows to everybody, are filtered to nothing there.
"""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.clickhouse.access import READER_ROLE, VIEWS
from llm_analytics_hub.storage.clickhouse.connect import Apart, EmbeddedEngine, escape
from llm_analytics_hub.storage.clickhouse.sql_errors import sql_errors
from llm_analytics_hub.storage.clickhouse.sql_tree import NO_SELECT, check_tree, is_allowed, refused
from llm_analytics_hub.storage.clickhouse.sql_types import is_ambiguous, with_moments
from llm_analytics_hub.storage.clickhouse.sql_values import sql_value
from llm_analytics_hub.storage.clickhouse.sql_views import create_views
from llm_analytics_hub.storage.sql_interface import SqlAnswer, SqlQuestion

_PARSE_LIMITS = (
    "max_query_size=100000, max_parser_depth=200, max_parser_backtracks=100000, "
    "max_ast_depth=200, max_ast_elements=10000, max_expanded_ast_elements=20000"
)
_OTHER_LIMITS = (
    "allow_ddl=0, allow_introspection_functions=0, use_query_cache=0, max_subquery_depth=30, "
    "timeout_overflow_mode='throw', read_overflow_mode='throw', result_overflow_mode='throw'"
)
_AS_READER = (f"USE {VIEWS}", f"SET ROLE {READER_ROLE}", "SET readonly=1")
"""From here on the connection has the rights of a reader, and none of its settings changes."""

_OWN_TABLES = {"one", "numbers", "numbers_mt", "zeros", "zeros_mt"}
"""Tables of the engine that SELECT without FROM and `numbers` read."""


@dataclass(frozen=True)
class SqlLimits:
    """What one statement may use."""

    seconds: int = 30
    memory_bytes: int = 1024**3
    rows_read: int = 100_000_000
    bytes_read: int = 20 * 1024**3
    answer_bytes: int = 256 * 1024**2
    threads: int = 1


class ClickHouseSql:
    """A `SqlReader` on the engine in process. Safe for many threads."""

    def __init__(self, engine: EmbeddedEngine, limits: SqlLimits) -> None:
        self._engine = engine
        self._limits = limits
        self._opening = threading.Lock()
        self._closed_tables = ""
        self._no_names: frozenset[str] = frozenset()

    def answer_sql(
        self, question: SqlQuestion, cancellation: Cancellation | None = None
    ) -> SqlAnswer:
        """See `SqlReader.answer_sql`."""
        args = {name: sql_value(name, value) for name, value in question.args.items()}
        self._open()
        with sql_errors():
            statement = self._checked(question.sql, args)
            first = [*self._settings(question), *_AS_READER]
            with self._engine.apart(first) as connection:
                rows, rows_read, engine_ms = connection.query(statement, args, cancellation)
                if is_ambiguous(rows):
                    describe = f"DESCRIBE TABLE ({statement})"
                    shape, _, _ = connection.query(describe, args, cancellation)
                    rows = with_moments(rows, shape["type"].to_pylist())
        is_cut = rows.num_rows > question.limit
        return SqlAnswer(rows.slice(0, question.limit), is_cut, rows_read, engine_ms)

    def _open(self) -> None:
        """Make the views, for the first question: a hub that has none starts sooner."""
        with self._opening:
            if not self._closed_tables:
                create_views(self._engine)
                self._no_names = _no_names(self._engine)
                self._closed_tables = _closed_tables(self._engine)

    def _checked(self, text: str, args: Mapping[str, str]) -> str:
        """The one statement of the text as the engine writes it, its tree checked."""
        # Without the limit of the answer: it would cut off the tree.
        with self._engine.apart([f"SET {_PARSE_LIMITS}", *_AS_READER]) as connection:
            statement = _formatted(connection, text)
            # What is no SELECT is refused before it can follow EXPLAIN.
            if not statement.startswith(("SELECT ", "WITH ", "(")):
                raise refused(NO_SELECT)
            tree, _, _ = connection.query(f"EXPLAIN AST {statement}", args)
        check_tree(tree.column(0).to_pylist(), self._no_names)
        return statement

    def _settings(self, question: SqlQuestion) -> list[str]:
        """What sets the tenant, and what the statement may use."""
        own = self._limits
        everything = (
            f"SET log_comment={_quoted(question.tenant)}, limit={int(question.limit) + 1}, "
            f"additional_table_filters={self._closed_tables}, max_threads={own.threads}, "
            f"max_execution_time={own.seconds}, max_memory_usage={own.memory_bytes}, "
            f"max_rows_to_read={own.rows_read}, max_bytes_to_read={own.bytes_read}, "
            f"max_result_bytes={own.answer_bytes}, {_PARSE_LIMITS}, {_OTHER_LIMITS}"
        )
        return [everything]


def _formatted(connection: Apart, text: str) -> str:
    rows, _, _ = connection.query(
        "SELECT formatQuerySingleLine({text:String})", {"text": escape(text)}
    )
    statement: str = rows.column(0)[0].as_py()
    return statement


def _closed_tables(engine: EmbeddedEngine) -> str:
    sql = "SELECT database, name FROM system.tables WHERE lower(database) IN ('system', 'information_schema')"
    found = engine.query(sql)[0].to_pylist()
    names = [f"{row['database']}.{row['name']}" for row in found if row["name"] not in _OWN_TABLES]
    return "{" + ", ".join(f"{_quoted(name)}: '0'" for name in names) + "}"


def _no_names(engine: EmbeddedEngine) -> frozenset[str]:
    """Functions that a reader may not call, but those that a column of a view is called like."""
    functions = engine.query("SELECT name FROM system.functions")[0]["name"].to_pylist()
    columns = engine.query(f"SELECT name FROM system.columns WHERE database = '{VIEWS}'")[0]
    refused = {name.lower() for name in functions if not is_allowed(name)}
    return frozenset(refused - set(columns["name"].to_pylist()))


def _quoted(text: str) -> str:
    return "'" + escape(text).replace("'", "\\'") + "'"
