import contextlib
import gzip
import zlib
from collections.abc import Callable

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.errors import TooLargeError, UndecodableError, UnsupportedMediaTypeError
from llm_analytics_hub.ingest.codecs.compression import decompress

MEGABYTE = 1 << 20


def bare_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def zstd(body: bytes) -> bytes:
    return zstandard.ZstdCompressor().compress(body)


def zstd_of_unknown_size(body: bytes) -> bytes:
    packer = zstandard.ZstdCompressor().compressobj()
    return packer.compress(body) + packer.flush()


Pack = Callable[[bytes], bytes]
PACKERS: list[tuple[str, Pack]] = [
    ("gzip", gzip.compress),
    ("X-GZIP", gzip.compress),
    ("deflate", zlib.compress),
    (" Deflate ", bare_deflate),
    ("zstd", zstd),
    ("ZSTD", zstd_of_unknown_size),
    ("", bytes),
    ("identity", bytes),
]
PACKED = PACKERS[:6]
ENCODINGS = ["gzip", "deflate", "zstd"]


@given(st.binary(max_size=2000), st.sampled_from(PACKERS))
def test_what_was_packed_comes_out_as_it_was(body: bytes, packer: tuple[str, Pack]) -> None:
    encoding, pack = packer
    assert decompress(pack(body), encoding, limit=len(body)) == body


@pytest.mark.parametrize(("encoding", "pack"), PACKED)
def test_a_bomb_is_refused_before_it_goes_off(encoding: str, pack: Pack) -> None:
    with pytest.raises(TooLargeError, match="more than 1000 bytes"):
        decompress(pack(bytes(64 * MEGABYTE)), encoding, limit=1000)


@pytest.mark.parametrize(("encoding", "pack"), PACKED)
def test_the_limit_itself_is_inside(encoding: str, pack: Pack) -> None:
    assert len(decompress(pack(bytes(1000)), encoding, limit=1000)) == 1000
    with pytest.raises(TooLargeError):
        decompress(pack(bytes(1001)), encoding, limit=1000)


@given(st.binary(min_size=1, max_size=500), st.sampled_from(PACKED), st.data())
def test_a_truncated_body_is_refused(
    body: bytes, packer: tuple[str, Pack], data: st.DataObject
) -> None:
    encoding, pack = packer
    packed = pack(body)
    cut = packed[: data.draw(st.integers(0, len(packed) - 1))]
    with pytest.raises(UndecodableError):
        decompress(cut, encoding, limit=MEGABYTE)


@pytest.mark.parametrize(("encoding", "pack"), PACKED)
def test_nothing_behind_the_body_is_lost_in_silence(encoding: str, pack: Pack) -> None:
    with pytest.raises(UndecodableError, match="follow"):
        decompress(pack(b"[1]") + pack(b"[2]"), encoding, limit=MEGABYTE)


@given(st.binary(max_size=300), st.sampled_from(ENCODINGS))
def test_any_bytes_unpack_or_are_refused(body: bytes, encoding: str) -> None:
    with contextlib.suppress(UndecodableError, TooLargeError):
        assert len(decompress(body, encoding, limit=1000)) <= 1000


@given(st.binary(min_size=1, max_size=100), st.sampled_from(PACKED), st.data())
def test_a_damaged_body_unpacks_or_is_refused(
    body: bytes, packer: tuple[str, Pack], data: st.DataObject
) -> None:
    encoding, pack = packer
    packed = bytearray(pack(body))
    packed[data.draw(st.integers(0, len(packed) - 1))] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(UndecodableError, TooLargeError):
        assert len(decompress(bytes(packed), encoding, limit=1000)) <= 1000


@pytest.mark.parametrize("encoding", ["br", "compress", "gzip, gzip", "x" * 100])
def test_an_unknown_encoding_is_refused(encoding: str) -> None:
    with pytest.raises(UnsupportedMediaTypeError, match="none of"):
        decompress(b"", encoding, limit=1)
