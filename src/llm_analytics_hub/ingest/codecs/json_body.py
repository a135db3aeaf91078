"""JSON bodies: fast where they are sound, patient where one event in many is not."""

import json
from collections.abc import Iterator

import msgspec

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.ingest.dead_letters import payload_of
from llm_analytics_hub.ingest.receipt import Rejection
from llm_analytics_hub.ingest.submission import Decoded, Refused

_DECODER = msgspec.json.Decoder()
_EXCERPT = 2_000


def decode_json(body: bytes) -> object:
    """The value of a JSON text. NaN and Infinity, which are not JSON, become floats.

    Raises: UndecodableError for anything else that is not JSON, or nested out of reason.
    """
    try:
        return _DECODER.decode(body)
    except RecursionError as error:
        raise UndecodableError("the JSON is nested too deeply") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        return _lenient(body, str(error))


def decode_lines(body: bytes) -> tuple[list[object], list[int], list[Refused]]:
    """Values of an NDJSON text, each one's place among its filled lines, and what is no JSON."""
    try:
        values = _DECODER.decode_lines(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _line_by_line(body)
    return values, list(range(len(values))), []


def objects(values: list[object], places: list[int] | None = None) -> Decoded:
    """The objects among `values`; what is no object is refused at its place."""
    if set(map(type, values)) <= {dict}:
        return Decoded(values, places)  # type: ignore[arg-type]
    rows, kept, refused = [], [], []
    for number, value in enumerate(values):
        place = number if places is None else places[number]
        if isinstance(value, dict):
            rows.append(value)
            kept.append(place)
        else:
            message = "an event is a JSON object"
            refused.append(refusal(place, "not_an_object", message, payload_of(value)))
    return Decoded(rows, kept, refused)


def refusal(place: int, code: str, message: str, payload: str) -> Refused:
    """A refused piece of a request, its text cut to a sane length."""
    return Refused(Rejection(place, code, message), payload[:_EXCERPT])


def _lenient(body: bytes, reason: str) -> object:
    try:
        return json.loads(body)
    except RecursionError as error:
        raise UndecodableError("the JSON is nested too deeply") from error
    except ValueError as error:  # UnicodeDecodeError is one
        raise UndecodableError(f"the body is no JSON: {reason}") from error


def _line_by_line(body: bytes) -> tuple[list[object], list[int], list[Refused]]:
    values, places, refused = [], [], []
    for place, line in _lines(body):
        try:
            values.append(decode_json(line))
            places.append(place)
        except UndecodableError as error:
            text = line.decode(errors="replace")
            refused.append(refusal(place, error.code, error.message, text))
    return values, places, refused


def _lines(body: bytes) -> Iterator[tuple[int, bytes]]:
    filled = (line for line in body.split(b"\n") if line.strip())
    return enumerate(filled)
