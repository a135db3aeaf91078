"""A module's own payloads to raw events: bytes in, what the intake takes out."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import compress

from llm_analytics_hub.errors import HubError, UndecodableError, UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.hub_json import JSON_TYPES, LINE_TYPES
from llm_analytics_hub.ingest.codecs.json_body import decode_json, decode_lines, objects
from llm_analytics_hub.ingest.dead_letters import MAX_PAYLOAD
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.ingest.submission import Decoded, Refused
from llm_analytics_hub.integrations.found import Found
from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.json_values import json_values
from llm_analytics_hub.integrations.message import Document
from llm_analytics_hub.integrations.payload import Payload
from llm_analytics_hub.integrations.reading import member
from llm_analytics_hub.integrations.rows import rows_by_pattern, rows_by_tables

CSV_TYPES = frozenset({"text/csv", "application/csv"})


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
    found = Found(integration, received_at, rows_by_tables)
    found.join(Decoded([], refused=documents.refused))
    for number, document in enumerate(documents.rows):
        found.read(documents.place(number), document, subject)
    return found.decoded


def decode_messages(
    integration: Integration, payloads: Sequence[Payload], received_at: datetime
) -> Decoded:
    """The raw events of many payloads, as `decode_native` reads each.

    `places` number the payloads; one of which nothing can be read is one refusal, and no other's.
    """
    found = Found(integration, received_at, rows_by_pattern)
    values = _values(payloads)
    for place, payload in enumerate(payloads):
        try:
            _take(found, integration, place, payload, next(values), received_at)
        except HubError as error:
            rejection = Rejection(place, error.code, error.message)
            text = payload.body.decode(errors="replace")[:MAX_PAYLOAD]
            found.refuse(rejection, text, payload.subject)
    return found.decoded


_NO_JSON = object()


def _values(payloads: Sequence[Payload]) -> Iterator[object]:
    """What the JSON of each payload says, or why it is none; `_NO_JSON` for other content types."""
    are_json = [_media_type(payload.content_type) in JSON_TYPES for payload in payloads]
    values = iter(json_values([one.body for one in compress(payloads, are_json)]))
    return (next(values) if is_json else _NO_JSON for is_json in are_json)


def _take(
    found: Found,
    integration: Integration,
    place: int,
    payload: Payload,
    value: object,
    received_at: datetime,
) -> None:
    if value is _NO_JSON:
        body, kind = payload.body, payload.content_type
        found.join(decode_native(integration, body, kind, received_at, payload.subject), place)
    elif (whole := integration.whole(payload.body, payload.content_type)) is not None:
        found.join(whole, place)
    elif isinstance(value, UndecodableError):
        raise value
    else:
        _read(found, place, _rows_of(value, integration.pages), payload.subject)


def _read(found: Found, place: int, values: list[object], subject: str) -> None:
    for value in values:
        if isinstance(value, dict):
            found.read(place, value, subject)
        else:
            found.join(objects([value]), place)


def _documents(integration: Integration, body: bytes, content_type: str) -> Decoded:
    media_type = _media_type(content_type)
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


@lru_cache(maxsize=64)
def _media_type(content_type: str) -> str:
    return content_type.partition(";")[0].strip().lower() or "application/json"


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
        if value.keys().isdisjoint(_heads(tuple(pages))):
            return [value]
        return next(_pages(value, pages), [value])
    raise UndecodableError("the body is neither a JSON object nor an array")


@lru_cache(maxsize=64)
def _heads(pages: Sequence[str]) -> frozenset[str]:
    """The members of a page that hold its rows, or what does."""
    return frozenset(path.partition(".")[0] for path in pages)


def _pages(document: Document, pages: Sequence[str]) -> Iterator[list[object]]:
    for path in pages:
        rows = member(document, path)
        if isinstance(rows, list):
            yield rows
