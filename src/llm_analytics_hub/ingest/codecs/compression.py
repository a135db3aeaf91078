"""Bodies as they were before `Content-Encoding`: unpacked up to a limit, never beyond."""

import zlib
from collections.abc import Callable

import zstandard

from llm_analytics_hub.errors import TooLargeError, UndecodableError, UnsupportedMediaTypeError

_GZIP = 16 + zlib.MAX_WBITS
_PIECE = 1 << 20
_LARGEST_WINDOW = 1 << 27


def decompress(body: bytes, encoding: str, *, limit: int) -> bytes:
    """`body` unpacked by a Content-Encoding of gzip, deflate, zstd or identity.

    Never holds more than `limit` bytes of output, whatever the body claims.
    Raises: TooLargeError, UndecodableError (truncated or corrupt), UnsupportedMediaTypeError.
    """
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return body
    unpack = _UNPACK.get(name)
    if unpack is None:
        known = ", ".join(sorted(_UNPACK))
        raise UnsupportedMediaTypeError(f"content encoding {name[:40]!r} is none of {known}")
    return unpack(body, limit)


def _inflate(body: bytes, window_bits: int, limit: int) -> bytes:
    unpacker = zlib.decompressobj(window_bits)
    try:
        plain = unpacker.decompress(body, limit + 1)
    except zlib.error as error:
        raise UndecodableError(f"the compressed body is corrupt: {error}") from error
    _check_size(len(plain), limit)
    _check_end(unpacker.eof, unpacker.unused_data)
    return plain


def _gunzip(body: bytes, limit: int) -> bytes:
    return _inflate(body, _GZIP, limit)


def _deflate(body: bytes, limit: int) -> bytes:
    # HTTP's "deflate" is zlib; some senders leave its two-byte header out.
    has_header = len(body) > 1 and body[0] & 0x0F == 8 and (body[0] << 8 | body[1]) % 31 == 0
    return _inflate(body, zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS, limit)


def _unzstd(body: bytes, limit: int) -> bytes:
    unpacker = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
    try:
        # Four bytes of zstd may stand for 128 KiB: count first, in pieces, then unpack.
        with unpacker.stream_reader(body) as pieces:
            size = 0
            while piece := pieces.read(_PIECE):
                size += len(piece)
                _check_size(size, limit)
        whole = unpacker.decompressobj()
        plain = whole.decompress(body)
    except zstandard.ZstdError as error:
        raise UndecodableError(f"the compressed body is corrupt: {error}") from error
    _check_end(whole.eof, whole.unused_data)
    return plain


def _check_end(is_whole: bool, left: bytes) -> None:
    if not is_whole:
        raise UndecodableError("the compressed body is truncated")
    if left:
        raise UndecodableError("bytes follow the compressed body")


def _check_size(size: int, limit: int) -> None:
    if size > limit:
        raise TooLargeError(f"the body unpacks to more than {limit} bytes")


_UNPACK: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "zstd": _unzstd,
}
