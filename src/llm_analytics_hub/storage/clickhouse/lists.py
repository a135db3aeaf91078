"""SQL of lists: events and dead letters, newest first; contents by id."""

from datetime import datetime

from llm_analytics_hub.model.event import DEAD_LETTER_SCHEMA, EVENT_SCHEMA, INFERENCE, OBSERVED
from llm_analytics_hub.model.query import EventFilter
from llm_analytics_hub.storage.clickhouse.render import Arguments, Statement, condition

_DAYS = {"expires_on": "toDate32(expires_on) AS expires_on"}
_MOMENTS = {"key_until": "toDateTime64(key_until, 0, 'UTC') AS key_until"}


def render_events(wanted: EventFilter) -> Statement:
    """The newest events `wanted` asks for, all columns."""
    args = Arguments()
    parts = [f"tenant = {args.text(wanted.tenant)}", condition(wanted.where, args)]
    if wanted.time_range:
        parts.append(f"occurred_at >= {args.moment(wanted.time_range.start)}")
        parts.append(f"occurred_at < {args.moment(wanted.time_range.end)}")
    if wanted.before:
        moment, event_id, key = wanted.before
        place = f"{args.moment(moment)}, {args.text(event_id)}, {args.key(key)}"
        parts.append(f"(occurred_at, event_id, event_key) < ({place})")
    columns = [(_DAYS | _MOMENTS).get(name, name) for name in EVENT_SCHEMA.names]
    sql = (
        f"SELECT {', '.join(columns)} FROM events WHERE {' AND '.join(parts)} "
        # The hour is a prefix of the sort key: the newest hours are read first, the rest never.
        "ORDER BY toStartOfHour(occurred_at) DESC, occurred_at DESC, event_id DESC, "
        "event_key DESC "
        f"LIMIT {int(wanted.limit)}"
    )
    return Statement(sql, args.values)


def render_recent_spans(since: datetime, limit: int) -> Statement:
    """The newest events of all tenants that are of traces or linked, oldest first, with revisions."""
    args = Arguments()
    columns = [(_DAYS | _MOMENTS).get(name, name) for name in EVENT_SCHEMA.names]
    types = args.texts((INFERENCE, OBSERVED))
    sql = (
        f"SELECT * FROM (SELECT {', '.join(columns)}, revision FROM events "
        f"WHERE occurred_at >= {args.moment(since)} AND (trace_id != '' "
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


def which_letters(tenant: str, ids: tuple[str, ...], args: Arguments) -> str:
    """The condition of these letters of `tenant`; of all where `ids` is empty."""
    where = f"tenant = {args.text(tenant)}"
    return f"{where} AND letter_id IN {args.texts(ids)}" if ids else where


def render_letters(tenant: str, ids: tuple[str, ...], limit: int) -> Statement:
    """The newest dead letters of `tenant`, or those with `ids`."""
    args = Arguments()
    where = which_letters(tenant, ids, args)
    columns = ", ".join(_DAYS.get(name, name) for name in DEAD_LETTER_SCHEMA.names)
    sql = f"SELECT {columns} FROM dead_letters WHERE {where} ORDER BY received_at DESC, letter_id"
    return Statement(f"{sql} LIMIT {int(limit)}", args.values)
