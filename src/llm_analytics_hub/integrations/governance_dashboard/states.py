"""Rows that change after they were written: each later state is an event of its own.

The row keeps its id, so that asking again is a repeat; a state has that id with its name behind.
"""

from llm_analytics_hub.integrations.reading import Reading, Row


def state_of(row: Row, reading: Reading, state: str) -> list[Row]:
    """The event that a row is now resolved, acknowledged…; none where it is not.

    `<state>` may say so, and `<state>_at` when and `<state>_by` by whom; the three stay.
    """
    at, by = reading.see(f"{state}_at"), reading.see(f"{state}_by")
    if at is None and reading.see(state) is not True:
        return []
    thing = str(row["event_type"]).partition(".")[0]
    kept = {name: row[name] for name in _ALIKE if name in row}
    known = {"event_id": _id(row, state), "occurred_at": at, "user_id": by}
    found = {name: value for name, value in known.items() if value is not None}
    attributes = {"attributes": {f"{thing}_id": row["event_id"]}} if "event_id" in row else {}
    return [{"event_type": f"{thing}.{state}", **kept, **found, **attributes}]


_ALIKE = ("policy_id", "account_id", "severity", "stream", "original_type")


def _id(row: Row, state: str) -> str | None:
    return f"{row['event_id']}:{state}" if "event_id" in row else None
