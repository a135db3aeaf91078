"""An asset as the registry's REST API shows it."""

from collections.abc import Iterable

from llm_analytics_hub.integrations.integration import Shape, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import (
    Columns,
    Reading,
    Row,
    constant,
    custom,
    read,
    renamed,
)
from llm_analytics_hub.normalize.number import read_number

DESCRIBED = "asset.described"
"""A version of an asset's metadata, seen by asking; not one of the events the registry sends."""

COLUMNS: Columns = {
    "event_type": constant(DESCRIBED),
    "occurred_at": "updated_at",
    "asset_id": "id",
    "asset_version": "metadata.version",
    "user_id": "provenance.author",
}


def described(message: Message) -> Iterable[Row]:
    """One event for each state of an asset: asking again brings nothing new."""
    reading = Reading(message.document)
    row = read(reading, COLUMNS)
    renamed(reading, {"asset_type": custom("asset_type"), "asset_name": "metadata.name"})
    reading.open("metadata")
    event_id = f"{row.get('asset_id')}@{row.get('occurred_at')}"
    return [with_rest({"event_id": event_id, **row}, reading.rest)]


_MEGABYTE = 1024 * 1024


def described_in_words(message: Message) -> Iterable[Row]:
    """One event of an asset in the words of the documents; their megabyte is 1024 times 1024 bytes."""
    reading = Reading(message.document)
    size = read_number(reading.take("size_mb"))
    row = read(reading, WORDS)
    renamed(reading, {"asset_name": "name", "owner": "owner_team"})
    rest = reading.rest if size is None else {**reading.rest, "size_bytes": int(size * _MEGABYTE)}
    return [with_rest(row, rest)]


WORDS: Columns = {
    "event_type": constant(DESCRIBED),
    "occurred_at": "created_at",
    "asset_id": "id",
    "asset_version": "model_version",
}
ASSET_IN_WORDS = Shape(
    "asset as the documents describe it", has("id", "name", "model_version"), described_in_words
)
ASSET = Shape("asset", has("id", "asset_type", "metadata", "updated_at"), described)
