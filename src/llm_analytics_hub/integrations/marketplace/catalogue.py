"""Things that the marketplace lists: services found by a search, keys of a consumer."""

from collections.abc import Iterable

from llm_analytics_hub.integrations.integration import Shape, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read, renamed

SERVICE_COLUMNS: Columns = {
    "event_type": constant("service.described"),
    "occurred_at": ("updated_at", "published_at", "created_at"),
    "service": "id",
}
KEY_COLUMNS: Columns = {
    "event_type": constant("api_key.described"),
    "occurred_at": ("updated_at", "created_at"),
    "service": "service_id",
    "account_id": "consumer_id",
}
_SECRETS = ("key", "api_key", "key_hash")
"""Whoever has one can spend the consumer's money."""


def service(message: Message) -> Iterable[Row]:
    """One event for each state of a service: found again, it brings nothing new."""
    reading = Reading(message.document)
    row = read(reading, SERVICE_COLUMNS)
    renamed(reading, {"service_name": "name"})
    if row.keys() >= {"service", "occurred_at"}:
        row["event_id"] = f"{row['service']}@{row['occurred_at']}"
    return [with_rest(row, reading.rest)]


def api_key(message: Message) -> Iterable[Row]:
    """A key without what makes it one."""
    reading = Reading(message.document)
    reading.take(*_SECRETS)
    row = read(reading, KEY_COLUMNS)
    renamed(reading, {"api_key_id": "id"})
    return [with_rest(row, reading.rest)]


SERVICE = Shape("service found", has("id", "name"), service)
API_KEY = Shape("API key", has("service_id", "consumer_id", "tier"), api_key)
