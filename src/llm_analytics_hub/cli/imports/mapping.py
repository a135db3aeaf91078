"""From a row of a file to a canonical raw event: which column is which field."""

import difflib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.ingest.dialects.nesting import nest
from llm_analytics_hub.model.event import CANONICAL_FIELDS

Row = Mapping[str, object]

ATTRIBUTE = "attributes."
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
        used = set(self.columns.values())
        rest = {name: value for name, value in row.items() if name not in used}
        mapped = {name: _at(row, column) for name, column in self.columns.items()}
        given = {name: value for name, value in rest.items() if is_field(name)} | mapped | self.fixed
        extra = {name: value for name, value in rest.items() if self.keep_rest and not is_field(name)}
        return {"event_id": event_id} | _assembled(given, extra)


@dataclass(frozen=True)
class AsTheyAre:
    """JSON lines that are events already, of any form that the hub reads."""

    fixed: Mapping[str, str] = field(default_factory=dict)

    def event(self, row: Row, event_id: str) -> dict[str, object]:
        """See `EventShape.event`."""
        event = dict(row)
        if self.fixed:
            event |= _assembled({"attributes": row.get("attributes"), **self.fixed}, {})
        if not any(event.get(name) is not None for name in _OWN_ID):
            event["event_id"] = event_id
        return event


def is_field(name: str) -> bool:
    """Whether `name` is a canonical field or a member of `attributes`."""
    return name in _FIELDS or (name.startswith(ATTRIBUTE) and name != ATTRIBUTE)


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


def _assembled(given: Row, extra: Row) -> dict[str, object]:
    """Fields, and members of `attributes` put into it; unknown ones left out."""
    known = {name: value for name, value in given.items() if value is not None}
    inside = {name: known.pop(name) for name in list(known) if name.startswith(ATTRIBUTE)}
    leaves = {name: value for name, value in extra.items() if value is not None}
    leaves |= {name.removeprefix(ATTRIBUTE): value for name, value in inside.items()}
    if leaves:
        tree = nest((tuple(name.split(".")), value) for name, value in leaves.items())
        known["attributes"] = _joined(known.get("attributes"), tree)
    return known


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
