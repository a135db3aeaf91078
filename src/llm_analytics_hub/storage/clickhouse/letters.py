"""SQL of dead letters: which of them, newest first, and how many each tenant has."""

from llm_analytics_hub.model.event import DEAD_LETTER_SCHEMA
from llm_analytics_hub.model.letter import ANY_LETTER, LetterFilter
from llm_analytics_hub.storage.clickhouse.statement import Arguments, Statement

COUNT_LETTERS = Statement("SELECT tenant, count() AS letters FROM dead_letters GROUP BY tenant", {})

_DAYS = {"expires_on": "toDate32(expires_on) AS expires_on"}


def render_letters(
    tenant: str, ids: tuple[str, ...], limit: int, where: LetterFilter = ANY_LETTER
) -> Statement:
    """The newest dead letters of `tenant` that meet `where`; of those with `ids`, if there are any."""
    args = Arguments()
    chosen = which_letters(tenant, ids, where, args)
    columns = ", ".join(_DAYS.get(name, name) for name in DEAD_LETTER_SCHEMA.names)
    sql = f"SELECT {columns} FROM dead_letters WHERE {chosen} ORDER BY received_at DESC, letter_id"
    return Statement(f"{sql} LIMIT {int(limit)}", args.values)


def which_letters(tenant: str, ids: tuple[str, ...], where: LetterFilter, args: Arguments) -> str:
    """The condition of these letters of `tenant`; of all that meet `where` if `ids` is empty."""
    parts = [f"tenant = {args.text(tenant)}"]
    if ids:
        parts.append(f"letter_id IN {args.texts(ids)}")
    return " AND ".join([*parts, *_conditions(where, args)])


def _conditions(where: LetterFilter, args: Arguments) -> list[str]:
    equal = {"source": where.source, "door": where.door, "code": where.code}
    parts = [f"{name} = {args.text(value)}" for name, value in equal.items() if value is not None]
    if where.contains is not None:
        parts.append(f"position(message, {args.text(where.contains)}) > 0")
    if where.received is not None:
        parts.append(f"received_at >= {args.moment(where.received.start)}")
        parts.append(f"received_at < {args.moment(where.received.end)}")
    if where.before is not None:
        moment, letter_id = args.moment(where.before[0]), args.text(where.before[1])
        same = f"received_at = {moment} AND letter_id > {letter_id}"
        parts.append(f"received_at <= {moment} AND (received_at < {moment} OR {same})")
    return parts
