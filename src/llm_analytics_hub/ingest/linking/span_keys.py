"""Spans as 64-bit keys, a column at a time."""

import secrets
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import xxhash
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_TRACE_DIGITS, _SPAN_DIGITS, _WORD = 32, 16, 8
# Secret and new in each process: nobody can make two spans that share a key.
_SEED = secrets.randbits(64)
_FACTORS = np.array([secrets.randbits(64) | 1 for _ in range(6)], np.uint64)


@dataclass(frozen=True)
class SpanKeys:
    """Keys of the span each event is (`own`) and of its parent (`parent`); 0 where there is none."""

    own: Keys
    parent: Keys


def span_keys(events: pa.RecordBatch) -> SpanKeys:
    """The keys of each event's span and parent: hashes of tenant, trace and span id."""
    traces = _hashes(events["trace_id"], _TRACE_DIGITS, _FACTORS[:4])
    tenants = _tenants(events["tenant"])
    own, parent = (
        _joined(tenants, traces, _hashes(events[name], _SPAN_DIGITS, _FACTORS[4:]))
        for name in ("span_id", "parent_span_id")
    )
    return SpanKeys(own, parent)


def _joined(tenants: Keys, traces: Keys, spans: Keys) -> Keys:
    keys = _mixed(tenants + traces + spans)
    keys[(traces == 0) | (spans == 0)] = 0
    return keys


def _mixed(keys: Keys) -> Keys:
    keys = (keys ^ (keys >> np.uint64(32))) * _FACTORS[0]
    mixed: Keys = keys ^ (keys >> np.uint64(29))
    return mixed


def _tenants(tenants: pa.Array) -> Keys:
    codes = tenants.dictionary_encode()
    hashes = np.array([_hash(tenant) for tenant in codes.dictionary.to_pylist()], np.uint64)
    found: Keys = hashes[codes.indices.to_numpy()]
    return found


def _hashes(texts: pa.Array, digits: int, factors: Keys) -> Keys:
    """A hash of each text, 0 for none: ids of `digits` characters at once, others one by one."""
    hashes = np.zeros(len(texts), np.uint64)
    if texts.null_count == len(texts):
        return hashes
    lengths = np.diff(_offsets(texts))
    regular = lengths == digits
    others = ~regular & (lengths > 0)
    if others.any():
        hashes[others] = [_hash(text) for text in texts.filter(pa.array(others)).to_pylist()]
        texts = texts.filter(pa.array(regular))
    hashes[regular] = _words(texts, digits) @ factors
    return hashes


def _offsets(texts: pa.Array) -> NDArray[np.int32]:
    return np.frombuffer(texts.buffers()[1], np.int32)[texts.offset :][: len(texts) + 1]


def _words(texts: pa.Array, digits: int) -> Keys:
    """Texts of one length, and empty ones, as rows of 64-bit words."""
    if not len(texts):
        return np.zeros((0, digits // _WORD), np.uint64)
    offsets = _offsets(texts)
    letters = np.frombuffer(texts.buffers()[2], np.uint8)[offsets[0] : offsets[-1]]
    return letters.view(np.uint64).reshape(-1, digits // _WORD)


def _hash(text: str) -> int:
    return xxhash.xxh3_64_intdigest(text.encode(), _SEED)
