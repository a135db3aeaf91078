"""Which dead letters of the memory store are meant."""

from collections.abc import Sequence

from llm_analytics_hub.model.letter import LetterFilter
from llm_analytics_hub.model.passing import Row


def is_among(row: Row, tenant: str, ids: Sequence[str], where: LetterFilter) -> bool:
    """Whether a letter is one of `tenant`, of `ids` if there are any, and meets `where`."""
    is_named = row["tenant"] == tenant and (not ids or row["letter_id"] in ids)
    return is_named and _has_texts(row, where) and _is_in_time(row, where)


def _has_texts(row: Row, where: LetterFilter) -> bool:
    equal = {"source": where.source, "door": where.door, "code": where.code}
    same = all((row[name] or "") == value for name, value in equal.items() if value is not None)
    return same and (where.contains or "") in (row["message"] or "")


def _is_in_time(row: Row, where: LetterFilter) -> bool:
    received, time = row["received_at"], where.received
    if time is not None and not time.start <= received < time.end:
        return False
    if where.before is None:
        return True
    moment, letter_id = where.before
    return bool(received < moment or (received == moment and row["letter_id"] > letter_id))
