"""Prompts, completions and tools as rows of the content table, each piece of them once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.event import CONTENT_SCHEMA, TEXT
from llm_analytics_hub.normalize.column import Fault, each
from llm_analytics_hub.normalize.manifest import Pieces, take_apart


@dataclass(frozen=True)
class Contents:
    """What the contents of some events are stored as.

    `ids`: the manifest of each event, null where it brought no content; `used`: the ids of all
    that each event needs, its manifest among them; `bodies`: what is stored under each id.
    """

    ids: pa.Array
    used: Sequence[Sequence[str]]
    bodies: Mapping[str, bytes]

    def rows(self, events: pa.RecordBatch, places: Sequence[int]) -> pa.RecordBatch:
        """Rows of CONTENT_SCHEMA for `events`: each piece once, kept as long as the last needs it.

        `places` gives the index of each event in `used`. The events are of one tenant.
        """
        until: dict[str, int] = {}
        for place, day in zip(
            places, events["expires_on"].cast(pa.int32()).to_pylist(), strict=True
        ):
            for name in self.used[place]:
                until[name] = max(day, until.get(name, day))
        tenant = events["tenant"][0] if events.num_rows else pa.scalar(None, TEXT)
        bodies = pa.array([self.bodies[name] for name in until], pa.binary()).cast(TEXT)
        days = pa.array(until.values(), pa.int32()).cast(pa.date32())
        columns = [pa.repeat(tenant, len(until)), pa.array(until, TEXT), bodies, days]
        return pa.RecordBatch.from_arrays(columns, schema=CONTENT_SCHEMA)


def to_contents(given: Sequence[object]) -> tuple[Contents, list[Fault]]:
    """The contents of every row, taken apart; equal pieces share an id.

    Faults: `invalid_content` for what no JSON text can hold.
    """
    bodies: Pieces = {}
    apart, faults = each(given, _pieces)
    for pieces in apart:
        bodies.update(pieces or {})
    used = [tuple(pieces or ()) for pieces in apart]
    return Contents(
        pa.array([ids[-1] if ids else None for ids in used], TEXT), used, bodies
    ), faults


def _pieces(content: object) -> Pieces | None:
    if not content:
        return None
    try:
        return take_apart(content)
    except (RecursionError, TypeError, ValueError, OverflowError) as error:
        raise InvalidInputError("no JSON", code="invalid_content") from error
