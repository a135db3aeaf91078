"""What the engine says of a reader's statement, in words for who wrote it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from llm_analytics_hub.errors import InvalidQueryError, UnavailableError
from llm_analytics_hub.storage.clickhouse.access import VIEWS
from llm_analytics_hub.storage.clickhouse.driver_errors import CANCELLED_CODE, cancelled
from llm_analytics_hub.storage.clickhouse.sql_views import SHOWN

_CODE = re.compile(r"Code: (\d+)")
_HEAD = re.compile(r"(Code: \d+\. |DB::Exception: |std::exception: )")
_TAIL = re.compile(
    r"(: |\. |\s)?(In scope|While executing|while executing|While processing|while processing|"
    r"Stack trace|\(version |Expected one of|: In query|Maybe you meant).*",
    re.DOTALL,
)
_NAME = re.compile(r"\s*\([A-Z0-9_]+\)\s*$")
_MOST_CHARACTERS = 300

_BUDGET = {
    158: "it reads too many rows: ask for a shorter time range, naming toStartOfHour(occurred_at), or a rollup",
    307: "it reads too many bytes: name fewer columns, or ask for a shorter time range",
    159: "it takes too long: ask for a shorter time range, or for less of it",
    160: "it would take too long: ask for a shorter time range, or for less of it",
    241: "it needs too much memory: group by fewer values, sort fewer rows, or shorten the range",
    396: "its answer is too large: name fewer columns, or lower the limit",
    191: "it needs a set that is too large: filter inside IN (SELECT ...)",
}
_WORDS = {
    60: f"there is no such table; there are {', '.join(SHOWN)}",
    81: f"there is no such table; there are {', '.join(SHOWN)}",
    164: "settings cannot be changed here",
    497: f"it reads what is not for readers; there are {', '.join(SHOWN)}",
}
_STORE_CODES = {74, 75, 76, 107, 209, 210, 236, 243}
"""The disk, or the end of the process: no fault of the statement."""


@contextmanager
def sql_errors() -> Iterator[None]:
    """Turn what the engine raises about a reader's statement into the hub's errors."""
    try:
        yield
    except RuntimeError as error:
        raise _error_of(str(error)) from error


def _error_of(text: str) -> InvalidQueryError | UnavailableError:
    found = _CODE.search(text)
    code = int(found.group(1)) if found else 0
    if code == CANCELLED_CODE:
        return cancelled()
    if code in _STORE_CODES:
        return UnavailableError("the store cannot answer now")
    if code in _BUDGET:
        return InvalidQueryError(f"sql: {_BUDGET[code]}", code="budget_exceeded")
    return InvalidQueryError(f"sql: {_WORDS.get(code) or _said(text)}", code="invalid_sql")


def _said(text: str) -> str:
    """The engine's own sentence, without codes, places and what the hub put around the statement."""
    sentence = _TAIL.sub("", _HEAD.sub("", text))
    sentence = _NAME.sub("", sentence).replace(f"{VIEWS}.", "").strip(" .:\n")
    return sentence[:_MOST_CHARACTERS] or "the engine cannot run this statement"
