"""From a row of a file to a canonical raw event: which column is which field."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.ingest.dialects.nesting import nest
from llm_analytics_hub.model.catalogue import ATTRIBUTE_PREFIX
from llm_analytics_hub.model.event import CANONICAL_FIELDS

Row = Mapping[str, object]
Path = tuple[str, ...]
"""A field, or `attributes` and the steps to a member of it."""

_FIELDS = frozenset(CANONICAL_FIELDS)
_OWN_ID = ("event_id", "eventId", "specversion")
"""A JSON line with one of these brings its id, as an event, an envelope or a CloudEvent."""


class EventShape(Protocol):
    """Makes events of rows."""

    def event(self, row: Row, event_id: str) -> dict[str, object]:
        """The raw event of a row, with `event_id` where the row has none of its own."""
        ...


@dataclass(frozen=True)
class MappedRows:
    """Rows of columns: `columns` names the column of a field, `fixed` the value of a field.

    Columns that have a canonical name and no other use are taken as they are; `keep_rest` keeps
    all others as attributes.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    fixed: Mapping[str, str] = field(default_factory=dict)
    keep_rest: bool = True

    def check(self, present: Sequence[str]) -> None:
        """Raises: InvalidInputError naming a mapped column that is not among those present."""
        for name in self.columns.values():
            if name not in present and name.partition(".")[0] not in present:
                message = f"there is no column {name!r}; there are {', '.join(present)}"
                raise InvalidInputError(message, code="no_such_column")

    def event(self, row: Row, event_id: str) -> dict[str, object]:
        """See `EventShape.event`."""
        return _assembled({"event_id": event_id}, self._placed(row))

    def _placed(self, row: Row) -> Iterator[tuple[Path, object]]:
        """Values and where they go, the stronger ones later."""
        places = self._places
        for name, value in row.items():
            yield places[name], value
        for name, column in self.columns.items():
            yield _path(name), _at(row, column)
        for name, value in self.fixed.items():
            yield _path(name), value

    @cached_property
    def _places(self) -> "_Places":
        return _Places(frozenset(self.columns.values()), keep_rest=self.keep_rest)


class _Places(dict[str, Path]):
    """Where the columns go that are not mapped: found once for each name, () is nowhere."""

    def __init__(self, used: frozenset[str], *, keep_rest: bool) -> None:
        self._used = used
        self._keep_rest = keep_rest

    def __missing__(self, name: str) -> Path:
        rest = ("attributes", *name.split(".")) if self._keep_rest else ()
        place = () if name in self._used else _path(name) if is_field(name) else rest
        self[name] = place
        return place


@dataclass(frozen=True)
class AsTheyAre:
    """JSON lines that are events already, of any form that the hub reads."""

    fixed: Mapping[str, str] = field(default_factory=dict)

    def event(self, row: Row, event_id: str) -> dict[str, object]:
        """See `EventShape.event`."""
        event = _assembled(dict(row), ((_path(name), value) for name, value in self.fixed.items()))
        if not any(event.get(name) is not None for name in _OWN_ID):
            event["event_id"] = event_id
        return event


def is_field(name: str) -> bool:
    """Whether `name` is a canonical field or a member of `attributes`."""
    return name in _FIELDS or (name.startswith(ATTRIBUTE_PREFIX) and name != ATTRIBUTE_PREFIX)


def read_assignments(texts: Sequence[str], option: str) -> dict[str, str]:
    """`field=value` texts as a mapping. Raises: InvalidInputError for what is none, or twice."""
    read: dict[str, str] = {}
    for text in texts:
        name, sign, value = text.partition("=")
        if not sign or not value:
            message = f"{option} {text!r}: write it as field=value"
            raise InvalidInputError(message, code="invalid_assignment")
        if name in read:
            raise InvalidInputError(f"{option}: {name} is named twice", code="invalid_assignment")
        _check_field(name, option)
        read[name] = value
    return read


def read_mapping(maps: Sequence[str], sets: Sequence[str], *, keep_rest: bool) -> MappedRows:
    """What --map, --set and --keep-rest say. Raises: InvalidInputError."""
    columns, fixed = read_assignments(maps, "--map"), read_assignments(sets, "--set")
    if "event_id" in fixed:
        message = "--set event_id: every row needs an id of its own; map a column, or leave it out"
        raise InvalidInputError(message, code="invalid_assignment")
    if both := sorted(columns.keys() & fixed.keys()):
        message = f"{', '.join(both)}: mapped and set; choose one"
        raise InvalidInputError(message, code="invalid_assignment")
    return MappedRows(columns, fixed, keep_rest=keep_rest or not columns)


def _check_field(name: str, option: str) -> None:
    if is_field(name):
        return
    near = difflib.get_close_matches(name, CANONICAL_FIELDS, 1)
    hint = f"did you mean {near[0]}? " if near else ""
    message = f"{option}: no field {name!r}; {hint}There are {', '.join(CANONICAL_FIELDS)}, attributes.<name>"
    raise InvalidInputError(message, code="unknown_field")


def _at(row: Row, column: str) -> object:
    """A column's value; in nested rows `a.b` is member b of a."""
    if column in row:
        return row[column]
    value: object = row
    for step in column.split("."):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _path(field: str) -> Path:
    """A canonical field, or the way to a member of `attributes`."""
    return tuple(field.split("."))


def _assembled(
    event: dict[str, object], placed: Iterable[tuple[Path, object]]
) -> dict[str, object]:
    """`event` with known values put where they go."""
    inside: dict[Path, object] = {}
    for path, value in placed:
        if value is None or not path:
            continue
        if len(path) == 1:
            event[path[0]] = value
        else:
            inside[path[1:]] = value
    if inside:
        event["attributes"] = _joined(event.get("attributes"), nest(inside.items()))
    return event


def _joined(whole: object, tree: dict[str, object]) -> object:
    """`attributes` with more members; what is no object is left for the hub to refuse."""
    if isinstance(whole, str):
        try:
            whole = json.loads(whole)
        except ValueError:
            return whole
    if whole is None:
        return tree
    return {**whole, **tree} if isinstance(whole, Mapping) else whole
