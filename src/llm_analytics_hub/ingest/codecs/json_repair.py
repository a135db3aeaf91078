"""JSON that a decoder would not take for a text or a depth in one of its items, so that it will.

Slow, and only for what was refused: what is repaired is found again by `notes.found_in`.
"""

import re
from collections.abc import Callable
from typing import Final, TypeVar

import msgspec

from llm_analytics_hub.ingest.codecs.notes import TOO_DEEP_TEXT, Notes

Read = TypeVar("Read")

MAX_BRACKETS: Final = 600
"""Most brackets inside one another, of which a map in an attribute has four: more than may be stored."""

_ESCAPE: Final = re.compile(
    rb"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"  # a pair, which is sound
    rb"|(u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",  # half of one; any other escape
    re.DOTALL,
)
_TOKEN: Final = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_TEXT: Final = b'"' + TOO_DEEP_TEXT.encode() + b'"'
# Whatever message stood there - a value, a pair, a list of them - has the text in it.
_MEMBERS: Final = b'"key":' + _TEXT + b',"stringValue":' + _TEXT
_CUT: Final = b"{" + _MEMBERS + b',"values":[{' + _MEMBERS + b"}]}"


def read_patiently(
    body: bytes, read: Callable[[bytes], Read], notes: Notes, brackets: int = MAX_BRACKETS
) -> Read:
    """What `read` makes of `body`, repaired if need be; raises what `read` raises of both."""
    try:
        return read(body)
    except (msgspec.DecodeError, ValueError, RecursionError):
        mended = repaired(body, brackets)
        if mended == body:
            raise
        notes.is_suspect = True
        return read(mended)


def repaired(body: bytes, brackets: int = MAX_BRACKETS) -> bytes:
    """JSON that is UTF-8 throughout and no deeper than `brackets`; the same if it was so."""
    return _shallow(_unicode(body), brackets)


def _unicode(body: bytes) -> bytes:
    """Bytes that are no UTF-8, and halves of surrogate pairs, as U+FFFD."""
    text = body.decode(errors="replace").encode()
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] else found[0], text)


def _shallow(body: bytes, brackets: int) -> bytes:
    """Objects deeper than `brackets` replaced by a mark; not recursive."""
    kept: list[bytes] = []
    depth = begin = 0
    cut_at = None
    for token in _TOKEN.finditer(body):
        byte = body[token.start()]
        if byte in b"[{":
            depth += 1
            if cut_at is None and byte == ord("{") and depth > brackets:
                cut_at = depth
                kept += [body[begin : token.start()], _CUT]
        elif byte in b"]}":
            if depth == cut_at:
                cut_at, begin = None, token.end()
            depth -= 1
    return body if not kept or cut_at is not None else b"".join([*kept, body[begin:]])
