"""Values of a reader's `{name:Type}`, as the engine reads them."""

import re
from typing import Any

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.storage.clickhouse.connect import escape

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


def sql_value(name: str, value: Any) -> str:
    """`value` as text: a text, number, bool, null or a list of them. Raises: InvalidQueryError."""
    if not _NAME.fullmatch(name):
        raise InvalidQueryError(
            "args: a name is up to 64 letters, digits and '_'", code="invalid_args"
        )
    if isinstance(value, list):
        return "[" + ",".join(_member(name, one) for one in value) + "]"
    if isinstance(value, str):
        return escape(value)
    return _plain(name, value, null="\\N")


def _member(name: str, value: Any) -> str:
    if isinstance(value, str):
        return "'" + escape(value).replace("'", "\\'") + "'"
    return _plain(name, value, null="NULL")


def _plain(name: str, value: Any, *, null: str) -> str:
    if value is None:
        return null
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    message = f"args.{name}: a text, a number, true, false, null, or a list of them"
    raise InvalidQueryError(message, code="invalid_args")
