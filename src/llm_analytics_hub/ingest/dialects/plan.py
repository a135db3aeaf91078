"""The reading plan of one shape of span: its dialect's tables, cut down to the keys it has.

The spans of a request have few shapes (scope and attribute keys), so choosing the dialect and
searching its tables happens once for each shape, not once for each span.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from llm_analytics_hub.ingest.dialects.columns import TARGETS, Reader, Target
from llm_analytics_hub.ingest.dialects.dialect import SPAN_NAME, Dialect

# Attribute key, field, reader, whether the attribute stays, whether the field is one.
Column = tuple[str, str, Reader, bool, bool]
# The attribute whose text is JSON, and the path of a member in it.
Member = tuple[str, tuple[str, ...]]
INSIDE = "#"  # between an attribute's key and the path of a member of its JSON text


@dataclass(frozen=True, slots=True)
class Plan:
    """What to read from a span of one shape, in the order of trust.

    `content` pairs an attribute key with its path in the content: the name, then indices.
    `members` are columns that lie inside of an attribute.
    """

    dialect: Dialect
    label: str
    operation_keys: tuple[str, ...]
    columns: tuple[Column, ...]
    call_columns: tuple[Column, ...]
    content: tuple[tuple[str, tuple[str, ...]], ...]
    members: Mapping[str, Member]


def make_plan(dialects: Sequence[Dialect], scope: str, keys: Sequence[str]) -> Plan:
    """The plan for spans of instrumentation scope `scope` with the attributes `keys`.

    The first dialect that matches is taken; the last one is taken where none does.
    """
    present = frozenset(keys)
    dialect = next((one for one in dialects if one.matches(scope, present)), dialects[-1])
    operation_keys = tuple(key for key in dialect.operation_keys if _is_there(key, present))
    columns = [
        (key, TARGETS[name]) for key, name in dialect.columns.items() if _is_there(key, present)
    ]
    return Plan(
        dialect=dialect,
        label=f"{dialect.name}/{dialect.version(present)}",
        operation_keys=operation_keys,
        columns=tuple(_column(*column) for column in columns if not column[1].of_call),
        call_columns=tuple(_column(*column) for column in columns if column[1].of_call),
        content=tuple(
            (key, path)
            for key in keys
            if key not in dialect.columns and (path := _content_path(dialect, key))
        ),
        members={
            key: _member(key)
            for key in (*operation_keys, *(key for key, _ in columns))
            if key not in present and key != SPAN_NAME
        },
    )


def _is_there(key: str, present: frozenset[str]) -> bool:
    return key in present or key == SPAN_NAME or key.partition(INSIDE)[0] in present


def _member(key: str) -> Member:
    attribute, _, path = key.partition(INSIDE)
    return attribute, tuple(path.split("."))


def _column(key: str, target: Target) -> Column:
    return key, target.field, target.read, target.is_kept, target.is_attribute


def _content_path(dialect: Dialect, key: str) -> tuple[str, ...] | None:
    name = dialect.content.get(key)
    if name is not None:
        return (name,)
    for prefix, name in dialect.content_prefixes.items():
        if key.startswith(prefix):
            return (name, *key[len(prefix) :].split("."))
    return None
