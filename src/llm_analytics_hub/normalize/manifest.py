"""Contents taken apart into pieces that are stored once each, and put together again.

A call of an agent carries the whole history before it. Kept as one text, a history of n messages
would cost n² messages. So an event keeps the id of a manifest (as a git tree names its blobs):
the content's own shape, in which `#id` stands for a piece stored under that id. A short piece stands
in the manifest itself, after `=`. Lists of objects are split, each object (a message, a tool, a
document) being a piece, also in JSON that came as text: it comes back as JSON.

Ids are BLAKE2b of 128 bits: who can write contents must not be able to make two of one id.
"""

import re
from collections.abc import Callable, Mapping
from hashlib import blake2b

import msgspec

Pieces = dict[str, bytes]

_ENCODER = msgspec.json.Encoder(decimal_format="number")
_LIST = msgspec.json.Decoder(list[msgspec.Raw])
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])
_TEXT = msgspec.json.Decoder(str)
_LIST_OF_PARTS = re.compile(rb"\s*\[\s*[{\[]")
_QUOTED = (b'"[', b'"{')
_MAX_LEVELS = 8  # deeper than SDKs nest their messages; what lies below stays whole
_MAX_INLINE = 128
"""Most bytes of a piece that stands in the manifest: about what a row of its own would cost."""


def take_apart(content: object) -> Pieces:
    """The pieces of a content by id, its manifest last.

    Raises: RecursionError, TypeError, ValueError, OverflowError for what no JSON text can hold.
    """
    pieces: Pieces = {}
    manifest = _ENCODER.encode(_manifest(content, pieces))
    name = content_id(manifest)
    pieces.pop(name, None)
    pieces[name] = manifest
    return pieces


def content_id(body: bytes) -> str:
    """The id under which `body` is stored: 32 hex digits."""
    return blake2b(body, digest_size=16).hexdigest()


def references(manifest: str) -> list[str]:
    """The ids of the pieces that a manifest names, each once."""
    leaves: list[str] = []
    _walk(msgspec.json.decode(manifest), leaves.append)
    return list(dict.fromkeys(leaf[1:] for leaf in leaves if leaf[0] == "#"))


def put_together(manifest: str, bodies: Mapping[str, str]) -> object:
    """The content a manifest stands for, to be written as JSON; `bodies` has its pieces by id.

    Raises: KeyError for a piece that is not there.
    """

    def body(leaf: str) -> msgspec.Raw:
        return msgspec.Raw((bodies[leaf[1:]] if leaf[0] == "#" else leaf[1:]).encode())

    return _walk(msgspec.json.decode(manifest), body)


def _walk(node: object, of_leaf: Callable[[str], object]) -> object:
    if isinstance(node, dict):
        return {name: _walk(below, of_leaf) for name, below in node.items()}
    if isinstance(node, list):
        return [_walk(below, of_leaf) for below in node]
    return of_leaf(str(node))


def _manifest(content: object, pieces: Pieces) -> object:
    if not isinstance(content, dict):
        return _branch(content, pieces)
    return {
        name: _events(value, pieces) if name == "span_events" else _branch(value, pieces)
        for name, value in content.items()
    }


def _events(value: object, pieces: Pieces) -> object:
    """Span events, which differ in their time though they tell the same: split once more."""
    if isinstance(value, list) and all(isinstance(event, dict) for event in value):
        return [{name: _of_event(one, pieces) for name, one in event.items()} for event in value]
    return _branch(value, pieces)


def _of_event(value: object, pieces: Pieces) -> object:
    if isinstance(value, dict):
        return {key: _branch(one, pieces) for key, one in value.items()}
    return _branch(value, pieces)


def _branch(value: object, pieces: Pieces, levels: int = _MAX_LEVELS) -> object:
    """A value as a part of the manifest: its own shape down to the objects in its lists."""
    if isinstance(value, msgspec.Raw):
        text = bytes(value)
        if text[:2] not in _QUOTED:
            return _parts(text, pieces, levels) or _leaf(text, pieces)
        value = _TEXT.decode(text)
    if not isinstance(value, str):
        text = _ENCODER.encode(value)
        return _parts(text, pieces, levels) or _leaf(text, pieces)
    # Text is taken apart as it is: quoting a long one only to look into it would cost more.
    parts = _parts(value.encode(), pieces, levels) if value[:1] in ("[", "{") else None
    return parts or _leaf(_ENCODER.encode(value), pieces)


def _parts(text: bytes, pieces: Pieces, levels: int) -> object:
    """A list or object that is worth splitting, split; None for any other text."""
    try:
        if levels and _LIST_OF_PARTS.match(text):
            return [_part(one, pieces, levels - 1) for one in _LIST.decode(text)]
        members = _OBJECT.decode(text) if levels and text[:1] == b"{" else {}
    except (msgspec.DecodeError, RecursionError):  # a text that only begins like JSON
        return None
    # A message may hold a list of parts, which nobody sends again without it.
    if "role" in members or not any(map(_LIST_OF_PARTS.match, map(bytes, members.values()))):
        return None
    return {name: _branch(one, pieces, levels - 1) for name, one in members.items()}


def _part(raw: msgspec.Raw, pieces: Pieces, levels: int) -> object:
    text = bytes(raw)
    if text[:1] == b"[":
        return _branch(raw, pieces, levels)
    return _leaf(text, pieces)


def _leaf(text: bytes, pieces: Pieces) -> str:
    if len(text) <= _MAX_INLINE:
        return f"={text.decode()}"
    name = content_id(text)
    pieces[name] = text
    return f"#{name}"
