"""One spelling for both halves of the engine: TypeScript writes camelCase, Rust and gRPC snake_case."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from llm_analytics_hub.integrations.integration import Match, Shape
from llm_analytics_hub.integrations.message import Document, Message
from llm_analytics_hub.integrations.reading import Columns, Row

_CAPITAL = re.compile(r"(?<=[a-z0-9])[A-Z]")
_FREE = frozenset({
    "breakdown", "context", "details", "evidence", "labels", "metadata", "modifications",
    "request_details",
})  # fmt: skip
"""Objects whose members are somebody else's names."""


@lru_cache(maxsize=2048)
def in_snake_case(name: str) -> str:
    """`evaluationTimeMs` as `evaluation_time_ms`; a name in snake_case stays."""
    return _CAPITAL.sub(lambda letter: "_" + letter[0], name).lower()


def respelled(document: Document) -> Row:
    """The document with its own names in snake_case; those in free maps stay as they are."""
    known = ((in_snake_case(name), value) for name, value in document.items())
    return {name: _inside(name, value) for name, value in known}


def _inside(name: str, value: object) -> object:
    return respelled(value) if isinstance(value, dict) and name not in _FREE else value


def inside(name: str, member: str, outer: Shape) -> Shape:
    """The same shape as member of a reply: `{"evaluation": {…}}`."""

    def opened(message: Message) -> Message | None:
        inner = message.document.get(member)
        return replace(message, document=inner) if isinstance(inner, dict) else None

    def matches(message: Message) -> bool:
        inner = opened(message)
        return inner is not None and outer.matches(inner)

    def events(message: Message) -> Iterable[Row]:
        inner = opened(message)
        return [] if inner is None else outer.events(inner)

    return Shape(name, matches, events)


def one_of(*names: str) -> Match:
    """Whether a document has one of these members at least."""
    wanted = frozenset(names)
    return lambda message: not wanted.isdisjoint(message.document)


def both(*conditions: Match) -> Match:
    """Whether all of these hold."""
    return lambda message: all(condition(message) for condition in conditions)


def word(value: object) -> str:
    """A word of the engine's vocabularies in small letters; "" for what is no text."""
    return value.strip().lower() if isinstance(value, str) else ""


def called(member: str, name: str) -> Match:
    """Whether a member is this word, in any case."""
    return lambda message: word(message.document.get(member)) == name


def joined(*tables: Mapping[str, object]) -> Columns:
    """Tables as one; of two columns of a field the later counts."""
    return {field: column for table in tables for field, column in table.items()}  # type: ignore[misc]
