"""Documents to rows with ids and times: by the tables, or by a pattern learnt from them."""

from datetime import datetime

from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.message import Document, Message
from llm_analytics_hub.integrations.reading import Row
from llm_analytics_hub.normalize.identity import derived_id

_REPEAT_SECONDS = 300
"""For how long a message without id and time is taken for the same one, sent again."""


def rows_by_tables(
    integration: Integration, document: Document, received_at: datetime, subject: str
) -> list[Row]:
    """The rows of a document. Raises: as `Integration.events_of`."""
    message = Message(document, received_at, subject)
    return [identified(row, message) for row in integration.events_of(message)]


def rows_by_pattern(
    integration: Integration, document: Document, received_at: datetime, subject: str
) -> list[Row]:
    """The same rows, sooner where many messages are built alike. Raises: as `rows_by_tables`."""
    cells: list[object] = [subject, received_at]
    pattern = integration.patterns.find(integration.events_of, document, cells)
    if pattern is None:
        return rows_by_tables(integration, document, received_at, subject)
    rows = pattern.rows(cells)
    if pattern.is_identified:
        return rows
    message = Message(document, received_at, subject)
    return [identified(row, message) for row in rows]


def identified(row: Row, message: Message) -> Row:
    """A row with an id and a time; its id does not depend on when it arrived, but for the five minutes."""
    if row.get("event_id") is not None and row.get("occurred_at") is not None:
        return row
    told: Row = {"subject": message.subject, **row}
    timed = _known(row)
    if "occurred_at" not in timed:
        told["about"] = int(message.received_at.timestamp()) // _REPEAT_SECONDS
        timed["occurred_at"] = message.received_at.isoformat()
    return {"event_id": derived_id(told), **timed}


def _known(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}
