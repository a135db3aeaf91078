"""SQL of lists: events newest first, contents by id, keys that are stored."""

from datetime import datetime

from llm_analytics_hub.model.event import EVENT_SCHEMA, INFERENCE, OBSERVED
from llm_analytics_hub.model.query import All, Arrivals, EventFilter, fields_of
from llm_analytics_hub.storage.clickhouse.asset_join import with_assets
from llm_analytics_hub.storage.clickhouse.conditions import condition, occurred_in
from llm_analytics_hub.storage.clickhouse.statement import Arguments, Statement

_SHORT = 1_001
"""Of longer lists all hours that have any are looked at anyway."""

_DAYS = {"expires_on": "toDate32(expires_on) AS expires_on"}
_MOMENTS = {"key_until": "toDateTime64(key_until, 0, 'UTC') AS key_until"}


def may_be_recent(wanted: EventFilter) -> bool:
    """Whether all of a list is likely to be of the last hour: the first page of everything."""
    is_first = wanted.before is None and wanted.time_range is None
    return is_first and wanted.where == All() and wanted.limit <= _SHORT


def render_events(wanted: EventFilter, *, is_recent: bool = False) -> Statement:
    """The newest events `wanted` asks for, all columns; where `is_recent`, of the last hour only."""
    args = Arguments()
    parts = [f"tenant = {args.text(wanted.tenant)}", condition(wanted.where, args)]
    if is_recent:
        parts.append("toStartOfHour(occurred_at) >= toStartOfHour(now('UTC') - toIntervalHour(1))")
    if wanted.time_range:
        parts.append(occurred_in(wanted.time_range, args))
    if wanted.before:
        moment, event_id, key = wanted.before
        place = f"{args.moment(moment)}, {args.text(event_id)}, {args.key(key)}"
        parts.append(f"toStartOfHour(occurred_at) <= toStartOfHour({args.moment(moment)})")
        parts.append(f"(occurred_at, event_id, event_key) < ({place})")
    columns = [(_DAYS | _MOMENTS).get(name, name) for name in EVENT_SCHEMA.names]
    table = with_assets(fields_of(wanted.where), wanted.tenant, args.text)
    if table == "events" and wanted.limit <= _SHORT and not is_recent:
        parts.append(_in_newest_hours(" AND ".join(parts), wanted.limit))
    sql = (
        f"SELECT {', '.join(columns)} FROM {table} WHERE {' AND '.join(parts)} "
        f"ORDER BY occurred_at DESC, event_id DESC, event_key DESC LIMIT {int(wanted.limit)}"
    )
    return Statement(sql, args.values)


def _in_newest_hours(scope: str, limit: int) -> str:
    """The condition that keeps the newest hours in which `limit` events of `scope` are.

    The hour is a prefix of the sort key: read in its order, the newest are found first and the rest
    never read. Of all columns only those hours are read then.
    """
    newest = (
        f"SELECT toStartOfHour(occurred_at) AS hour FROM events WHERE {scope} "
        f"ORDER BY hour DESC LIMIT {int(limit)}"
    )
    return f"toStartOfHour(occurred_at) >= (SELECT min(hour) FROM ({newest}))"


def render_arrivals(wanted: Arrivals) -> Statement:
    """The first events after a place in the order of arrival, all columns."""
    args = Arguments()
    received, key = args.moment(wanted.after[0]), args.key(wanted.after[1])
    parts = [
        f"tenant = {args.text(wanted.tenant)}",
        # Alone it is what the index on received_at answers.
        f"received_at >= {received}",
        f"(received_at, event_key) > ({received}, {key})",
        condition(wanted.where, args),
    ]
    columns = [(_DAYS | _MOMENTS).get(name, name) for name in EVENT_SCHEMA.names]
    table = with_assets(fields_of(wanted.where), wanted.tenant, args.text)
    sql = (
        f"SELECT {', '.join(columns)} FROM {table} WHERE {' AND '.join(parts)} "
        f"ORDER BY received_at, event_key LIMIT {int(wanted.limit)}"
    )
    return Statement(sql, args.values)


def render_recent_spans(since: datetime, limit: int) -> Statement:
    """The newest events of all tenants that are of traces or linked, oldest first, with revisions."""
    args = Arguments()
    columns = [(_DAYS | _MOMENTS).get(name, name) for name in EVENT_SCHEMA.names]
    types = args.texts((INFERENCE, OBSERVED))
    sql = (
        f"SELECT * FROM (SELECT {', '.join(columns)}, revision FROM events "
        f"WHERE toStartOfHour(occurred_at) >= toStartOfHour({args.moment(since)}) "
        f"AND occurred_at >= {args.moment(since)} AND (trace_id != '' "
        f"OR (event_type IN {types} AND position(attributes, '\"scope\":') > 0)) "
        f"ORDER BY received_at DESC LIMIT {int(limit)}) ORDER BY received_at"
    )
    return Statement(sql, args.values)


def render_contents(tenant: str, ids: tuple[str, ...]) -> Statement:
    """What `tenant` stored under these ids, once each: weeks of expiry and merges leave copies."""
    args = Arguments()
    where = f"tenant = {args.text(tenant)} AND content_id IN {args.texts(ids)}"
    sql = f"SELECT content_id, body FROM contents WHERE {where} LIMIT 1 BY content_id"
    return Statement(sql, args.values)


def render_stored_keys(tenant: str, keys: tuple[int, ...]) -> Statement:
    """Those of `keys` that events of `tenant` have."""
    args = Arguments()
    where = f"tenant = {args.text(tenant)} AND event_key IN {args.keys(keys)}"
    return Statement(f"SELECT DISTINCT event_key FROM events WHERE {where}", args.values)
