"""One connection to the engine in this process, and one question on it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pyarrow as pa
from chdb.session import Session

from llm_analytics_hub.errors import ConflictError, UnavailableError
from llm_analytics_hub.storage.clickhouse.access import write_access


def open_session(folder: Path) -> Session:
    """A new connection to the engine in `folder`. Raises: ConflictError, UnavailableError."""
    try:
        return Session(f"{folder}?config-file={quote(str(write_access(folder)))}")
    except RuntimeError as error:
        if "EmbeddedServer" in str(error) or "Cannot lock" in str(error):
            message = f"another process holds the data folder {folder}: stop it, or use its --url"
            raise ConflictError(message, code="data_folder_in_use") from error
        raise UnavailableError(str(error)) from error


def answer(
    session: Session, sql: str, args: Mapping[str, Any] | None
) -> tuple[pa.Table, int, float]:
    """Rows of a SELECT, rows read from storage, and milliseconds in the engine."""
    result = session.query(sql, "ArrowStream", params=dict(args or {}))
    table = pa.ipc.open_stream(result.bytes()).read_all()
    return table, result.storage_rows_read(), result.elapsed() * 1000
