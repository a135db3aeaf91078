"""Who an event is, how long a repeat of it is noticed, and when it may be forgotten."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import xxhash

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.event import TEXT
from llm_analytics_hub.model.stream import DeliveryPolicy
from llm_analytics_hub.normalize.column import Fault, each

_CANONICAL = msgspec.json.Encoder(order="deterministic", decimal_format="string")


def derived_ids(
    rows: Sequence[Mapping[str, object]], ids: pa.Array
) -> tuple[pa.Array, list[Fault]]:
    """`ids` with the gaps filled: an event without an id is named by the hash of its members.

    The same event sent again has the same id, so a redelivery is still a repeat.
    Faults: see `derived_id`.
    """
    if ids.null_count == 0:
        return ids, []
    pairs = zip(ids.to_pylist(), rows, strict=True)
    named, faults = each(pairs, lambda pair: pair[0] or derived_id(pair[1]))
    return pa.array(named, TEXT), faults


def derived_id(row: Mapping[str, object]) -> str:
    """The id of an event whose wire has none: `x-` and 32 hex digits.

    Raises: InvalidInputError, code `underivable_id`, for members that no JSON text can hold.
    """
    try:
        text = _CANONICAL.encode(row)
    except (RecursionError, TypeError, ValueError, OverflowError) as error:
        message = "missing, and none can be derived from an event that is no JSON"
        raise InvalidInputError(message, code="underivable_id") from error
    return f"x-{xxhash.xxh3_128_hexdigest(text)}"


def event_keys(tenant: str, sources: pa.Array, streams: pa.Array, ids: pa.Array) -> pa.Array:
    """64-bit keys of events: the hash of tenant, source, stream and id.

    Two of n events get one key by chance in about n / 1.8e19 cases for each new event.
    """
    parts = [pa.scalar(tenant), sources, streams, ids]
    named = pc.binary_join_element_wise(*parts, "\0", null_handling="replace").cast(pa.binary())
    hashed = map(xxhash.xxh3_64_intdigest, named.to_pylist())
    return pa.array(np.fromiter(hashed, np.uint64, len(ids)))


@dataclass(frozen=True)
class Lifetimes:
    """Columns `key_until` and `expires_on` of a batch."""

    key_until: pa.Array
    expires_on: pa.Array


def lifetimes(
    streams: pa.Array,
    occurred_at: pa.Array,
    received_at: datetime,
    policies: Mapping[str, DeliveryPolicy],
    *,
    remember_always: bool,
) -> Lifetimes:
    """How long each event is kept and its key remembered, by the policy of its stream.

    Retention runs from the later of occurring and arriving. A key without a window, or of an
    import (`remember_always`), is remembered as long as its event is kept.
    """
    received = int(received_at.timestamp())
    occurred = pc.divide(occurred_at.cast(pa.int64()), 1_000_000).fill_null(0)
    last = np.maximum(occurred.to_numpy(zero_copy_only=False), received)
    codes = streams.dictionary_encode()
    rows = codes.indices.fill_null(0).to_numpy(zero_copy_only=False)
    known = [policies[name] for name in codes.dictionary.to_pylist()]
    kept = np.array([_seconds(policy.retention) for policy in known] or [0])[rows]
    windows = np.array([_window(policy, remember_always) for policy in known] or [0])[rows]
    expires = last + kept
    until = np.where(windows < 0, expires, received + windows)
    days = -(-expires // 86_400)  # the first whole day after
    return Lifetimes(
        pa.array(until.astype("datetime64[s]"), pa.timestamp("s")).cast(pa.timestamp("s", "UTC")),
        pa.array(days.astype(np.int32), pa.date32()),
    )


def _seconds(span: timedelta) -> int:
    return int(span.total_seconds())


def _window(policy: DeliveryPolicy, remember_always: bool) -> int:
    if remember_always or policy.dedup_window is None:
        return -1
    return _seconds(policy.dedup_window)
