"""JSON texts of many messages, decoded together where all are sound."""

import secrets
from collections.abc import Sequence

import msgspec

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.ingest.codecs.json_body import decode_json


def json_values(bodies: Sequence[bytes]) -> list[object]:
    """The value of each body; of a broken one the UndecodableError that says why."""
    values = _together(bodies)
    return [_value(body) for body in bodies] if values is None else values


def _together(bodies: Sequence[bytes]) -> list[object] | None:
    # A mark that no sender can know stands between them: else one body could begin a value that
    # another ends, and the number of values still be right.
    mark = secrets.token_hex(16)
    try:
        values = msgspec.json.decode(b"[" + f',"{mark}",'.encode().join(bodies) + b"]")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    is_sound = values[1::2] == [mark] * (len(bodies) - 1) and len(values) == 2 * len(bodies) - 1
    return values[::2] if is_sound else None


def _value(body: bytes) -> object:
    try:
        return decode_json(body)
    except UndecodableError as error:
        return error
