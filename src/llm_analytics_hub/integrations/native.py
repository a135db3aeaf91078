"""A module's own payloads to raw events: bytes in, what the intake takes out."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from llm_analytics_hub.errors import HubError, UndecodableError, UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.hub_json import JSON_TYPES, LINE_TYPES
from llm_analytics_hub.ingest.codecs.json_body import decode_json, decode_lines, objects
from llm_analytics_hub.ingest.dead_letters import payload_of
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.ingest.submission import Decoded, Refused
from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.message import Document, Message
from llm_analytics_hub.integrations.reading import Reading, Row
from llm_analytics_hub.normalize.identity import derived_id

CSV_TYPES = frozenset({"text/csv", "application/csv"})

_REPEAT_SECONDS = 300
"""For how long a message without id and time is taken for the same one, sent again."""


def decode_native(
    integration: Integration,
    body: bytes,
    content_type: str,
    received_at: datetime,
    subject: str = "",
) -> Decoded:
    """The raw events of a payload: an object, an array, a page of rows, lines, or CSV.

    Every event has an id. One of a message without a time has the time of its arrival; the same
    message within five minutes is then a repeat.
    Raises: UnsupportedMediaTypeError; UndecodableError where nothing can be read at all.
    """
    if (whole := integration.whole(body, content_type)) is not None:
        return whole
    documents = _documents(integration, body, content_type)
    rows: list[Row] = []
    places: list[int] = []
    refused = list(documents.refused)
    for number, document in enumerate(documents.rows):
        place = documents.place(number)
        message = Message(document, received_at, subject)
        try:
            found = [identified(row, message) for row in integration.events_of(message)]
        except HubError as error:
            rejection = Rejection(place, error.code, error.message)
            refused.append(_letter(integration, rejection, document))
        except RecursionError:
            rejection = Rejection(place, "attributes_too_deep", "nested too deeply to be read")
            refused.append(_letter(integration, rejection, document))
        else:
            rows += found
            places += [place] * len(found)
    return Decoded(rows, places, refused)


def _letter(integration: Integration, rejection: Rejection, document: Document) -> Refused:
    """A refused document whole, to be read again; kept without capture if it can hold no prompts."""
    payload = payload_of(document)
    return Refused(rejection, payload, "" if integration.has_contents else payload)


def _documents(integration: Integration, body: bytes, content_type: str) -> Decoded:
    media_type = content_type.partition(";")[0].strip().lower() or "application/json"
    if media_type in LINE_TYPES:
        values, places, refused = decode_lines(body)
        decoded = objects(values, places)
        return Decoded(decoded.rows, decoded.places, [*refused, *decoded.refused])
    if media_type in CSV_TYPES and integration.csv is not None:
        return _csv_rows(integration.csv(_text(body)))
    if media_type in JSON_TYPES:
        return objects(_rows_of(decode_json(body), integration.pages))
    known = ", ".join(sorted(JSON_TYPES | LINE_TYPES | (CSV_TYPES if integration.csv else set())))
    raise UnsupportedMediaTypeError(f"content type {media_type[:80]!r} is none of {known}")


def _csv_rows(found: Iterable[Document | Refused]) -> Decoded:
    rows, places, refused = [], [], []
    for place, one in enumerate(found):
        if isinstance(one, Refused):
            refused.append(one)
        else:
            rows.append(one)
            places.append(place)
    return Decoded(rows, places, refused)


def _text(body: bytes) -> str:
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UndecodableError("the CSV is no UTF-8") from error


def _rows_of(value: object, pages: Sequence[str]) -> list[object]:
    if isinstance(value, list):
        return value
    if isinstance(value, dict):
        return next(_pages(value, pages), [value])
    raise UndecodableError("the body is neither a JSON object nor an array")


def _pages(document: Document, pages: Sequence[str]) -> Iterator[list[object]]:
    reading = Reading(document)
    for path in pages:
        rows = reading.see(path)
        if isinstance(rows, list):
            yield rows


def identified(row: Row, message: Message) -> Row:
    """A row with an id and a time; its id does not depend on when it arrived, but for the five minutes."""
    if row.get("event_id") is not None and row.get("occurred_at") is not None:
        return row
    told: Row = {"subject": message.subject, **row}
    if row.get("occurred_at") is None:
        told["about"] = int(message.received_at.timestamp()) // _REPEAT_SECONDS
    timed = {"occurred_at": message.received_at.isoformat(), **_known(row)}
    return {"event_id": derived_id(told), **timed}


def _known(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}
