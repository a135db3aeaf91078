"""Changes to stored events: taken out of the rollups, put in anew, and then the old ones deleted.

Each step may be repeated after a crash: inserts carry a token, and a row is found by its key and
its revision so far, which the new row no longer has. Between the second and the third step a
reader may see an event twice, for some milliseconds.
"""

import json
from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import Any

import pyarrow as pa

from llm_analytics_hub.model.event import EVENT_SCHEMA, REVISED_FIELDS, REVISION_SCHEMA, TEXT
from llm_analytics_hub.model.rollup import DAY, FIVE_MINUTES, SUMS, Rollup
from llm_analytics_hub.storage.clickhouse.connect import ONCE, EmbeddedEngine
from llm_analytics_hub.storage.clickhouse.rollup import START_OF
from llm_analytics_hub.storage.clickhouse.statement import Arguments

_AT_ONCE = 20_000
_NEXT = "next_revision"
_CHANGED = ("event_type", *REVISED_FIELDS, "cost_usd", "price_id")


def apply_revisions(engine: EmbeddedEngine, batches: Sequence[pa.RecordBatch], token: str) -> None:
    """Change the events that `batches` are about, in order; the same `token` again does it once."""
    rows = _collapsed(batches)
    for number, start in enumerate(range(0, rows.num_rows, _AT_ONCE)):
        _apply(engine, rows.slice(start, _AT_ONCE), f"{token}-r{number}")


def _collapsed(batches: Sequence[pa.RecordBatch]) -> pa.RecordBatch:
    """One row for each event: its first revision and what it is after the last one.

    Ordered by revision, for the log has a postponed one behind those that followed it.
    """
    last: dict[tuple[str, int], dict[str, Any]] = {}
    rows = [row for batch in batches for row in batch.to_pylist()]
    for row in sorted(rows, key=itemgetter("revision")):
        key = (row["tenant"], row["event_key"])
        earlier = last.get(key, {"revision": row["revision"], "notes": {}})
        notes = {**earlier["notes"], **json.loads(row["notes"] or "{}")}
        first = earlier["revision"]
        last[key] = {**row, "revision": first, "notes": notes, _NEXT: row["revision"] + 1}
    schema = REVISION_SCHEMA.append(pa.field(_NEXT, pa.uint8()))
    noted = [{**row, "notes": json.dumps(row["notes"])} for row in last.values()]
    return pa.RecordBatch.from_pylist(noted, schema)


def _apply(engine: EmbeddedEngine, rows: pa.RecordBatch, token: str) -> None:
    args = Arguments()
    old = _which(rows, args)
    statements = [*_minus(old, token), _plus(old, token), f"DELETE FROM events WHERE {old}"]
    engine.insert_joined(rows, statements, args.values)


def _which(rows: pa.RecordBatch, args: Arguments) -> str:
    """The stored rows that are to change, bounded so that the engine finds them by its index."""
    moments = rows["occurred_at"].to_pylist()
    names = ("tenant", "revision", "event_key")
    groups: dict[tuple[str, int], list[int]] = {}
    for tenant, revision, key in zip(*(rows[name].to_pylist() for name in names), strict=True):
        groups.setdefault((tenant, revision), []).append(key)
    chosen = " OR ".join(
        f"(tenant = {args.text(tenant)} AND revision = {int(revision)} "
        f"AND event_key IN {args.keys(tuple(keys))})"
        for (tenant, revision), keys in groups.items()
    )
    first, last = args.moment(min(moments)), args.moment(max(moments))
    return (
        f"toStartOfHour(occurred_at) >= toStartOfHour({first}) "
        f"AND toStartOfHour(occurred_at) <= toStartOfHour({last}) "
        f"AND occurred_at >= {first} AND occurred_at <= {last} AND ({chosen})"
    )


def _minus(old: str, token: str) -> Iterator[str]:
    for rollup in (FIVE_MINUTES, DAY):
        yield _minus_in(rollup, old, token)


def _minus_in(rollup: Rollup, old: str, token: str) -> str:
    """Take the old rows out of a rollup's sums; unsigned sums wrap around, and so come out right."""
    keys = ", ".join(["tenant", *sorted(rollup.keys)])
    sums = ", ".join(f"{_negative(name)} AS {name}_" for name in SUMS)
    names = ", ".join(["bucket", "events", *SUMS])
    return (
        f"INSERT INTO {rollup.table} ({keys}, {names}) "
        f"SETTINGS {ONCE}, insert_deduplication_token='{token}-{rollup.table}' "
        f"SELECT {keys}, toDateTime({START_OF[rollup.table]}, 'UTC') AS bucket, "
        f"CAST(-toInt64(count()) AS UInt64) AS events, {sums} "
        f"FROM events AS e WHERE {old} GROUP BY {keys}, bucket"
    )


def _negative(name: str) -> str:
    if name == "cost_usd":
        return f"-sum(e.{name})"
    return f"CAST(-toInt64(sum(e.{name})) AS Nullable(UInt64))"


def _plus(old: str, token: str) -> str:
    names = EVENT_SCHEMA.names
    columns = ", ".join(_new(name) for name in names)
    return (
        f"INSERT INTO events ({', '.join(names)}, revision) "
        f"SETTINGS {ONCE}, insert_deduplication_token='{token}-events' "
        f"SELECT {columns}, r.{_NEXT} FROM (SELECT * FROM events AS e WHERE {old}) AS e "
        "INNER JOIN file({path:String}, ArrowStream) AS r "
        "ON e.tenant = r.tenant AND e.event_key = r.event_key"
    )


def _new(name: str) -> str:
    if name == "attributes":
        whole = "if(e.attributes = '', '{}', e.attributes)"
        return (
            f"if(r.notes = '{{}}', e.attributes, jsonMergePatch({whole}, assumeNotNull(r.notes)))"
        )
    if name not in _CHANGED:
        return f"e.{name}"
    is_text = EVENT_SCHEMA.field(name).type == TEXT
    return f"ifNull(r.{name}, '')" if is_text else f"r.{name}"
