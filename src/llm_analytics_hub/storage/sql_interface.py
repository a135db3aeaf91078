"""What the hub asks of a store that reads SQL: one tenant's data, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

import pyarrow as pa

from llm_analytics_hub.storage.cancellation import Cancellation


@dataclass(frozen=True)
class SqlQuestion:
    """A SELECT of `tenant` in the store's own SQL, and the values of its `{name:Type}`.

    `limit` is the most rows of the answer.
    """

    tenant: str
    sql: str
    args: Mapping[str, Any] = field(default_factory=dict)
    limit: int = 1000


@dataclass(frozen=True)
class SqlAnswer:
    """Rows of a SELECT, whether `limit` cut them off, and what they cost."""

    rows: pa.Table
    is_cut: bool
    rows_read: int
    engine_ms: float


class SqlReader(Protocol):
    """Answers SELECT statements of people who may see one tenant."""

    def answer_sql(
        self, question: SqlQuestion, cancellation: Cancellation | None = None, /
    ) -> SqlAnswer:
        """Rows of the statement; every write that returned is seen.

        It reads the views of `question.tenant` only, whatever the statement says.
        Raises: InvalidQueryError for a statement that is none, may not be asked, or needs more
        than its budget, with a message for who wrote it; UnavailableError, with the code
        `cancelled` once `cancellation` ended it.
        """
        ...
