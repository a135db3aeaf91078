"""Model calls as the benchmarks send and store them, drawn by the column.

Twelve priced models, 20 services, 2,000 users of 25 accounts, traces of four calls, 2 % failures.
An account runs three of the services and a service calls three of the models, as teams do: so
about 900 combinations of account, service, model, environment and status share all the calls.
"""

from collections.abc import Mapping
from datetime import datetime

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.random import Generator
from numpy.typing import NDArray

from llm_analytics_hub.model.event import EVENT_SCHEMA, INFERENCE, MOMENT
from llm_analytics_hub.model.stream import POLICIES, DeliveryPolicy
from llm_analytics_hub.normalize.cost import priced
from llm_analytics_hub.normalize.identity import event_keys, lifetimes
from llm_analytics_hub.normalize.pricing import PriceBook

TENANT = "default"
CALLS_PER_TRACE = 4
CALLS_PER_SESSION = 20
USERS, ACCOUNTS = 2_000, 25
FAILURES = 0.02

MODELS = (
    ("openai", "gpt-4o"), ("openai", "gpt-4o-mini"), ("openai", "o4-mini"), ("openai", "gpt-4.1"),
    ("openai", "gpt-5"), ("anthropic", "claude-sonnet-4-5"), ("anthropic", "claude-haiku-4-5"),
    ("anthropic", "claude-opus-4-1"), ("google", "gemini-2.5-flash"), ("google", "gemini-2.5-pro"),
    ("mistral", "mistral-large-latest"), ("groq", "llama-3.3-70b-versatile"),
)  # fmt: skip
SERVICES = tuple(f"service-{number:02}" for number in range(20))
ENVIRONMENTS = ("production", "production", "production", "staging")
ERROR_TYPES = ("timeout", "rate_limit_exceeded", "server_error")

_FIRST_OF_THREE = (0.6, 0.3, 0.1)
_USER_SHARES = 1 / np.arange(8, 8 + USERS)
_USER_SHARES /= _USER_SHARES.sum()  # few users make many of the calls

_DASHES = (8, 13, 18, 23)
_DIGITS = [place for place in range(36) if place not in _DASHES]
_VERSION = 14


def draw_calls(count: int, begin: datetime, end: datetime, dice: Generator) -> pa.RecordBatch:
    """`count` calls of [begin, end), earliest first: a column for each member on the wire."""
    user = dice.choice(USERS, count, p=_USER_SHARES)
    service = (user % ACCOUNTS * 7 + dice.choice(3, count, p=_FIRST_OF_THREE)) % len(SERVICES)
    model = (service * 5 + dice.choice(3, count, p=_FIRST_OF_THREE)) % len(MODELS)
    session = dice.integers(0, count // CALLS_PER_SESSION + 1, count)
    trace_ids = _hex_ids(count // CALLS_PER_TRACE + 1, 16, dice)
    columns = {
        "event_id": _uuids(count, dice),
        "source": pa.repeat("observatory", count),
        "event_type": pa.repeat(INFERENCE, count),
        "occurred_at": _moments(count, begin, end, dice),
        "environment": _named(ENVIRONMENTS, dice.integers(0, len(ENVIRONMENTS), count)),
        "service": _named(SERVICES, service),
        "provider": _named([provider for provider, _ in MODELS], model),
        "model": _named([name for _, name in MODELS], model),
        "operation": pa.repeat("chat", count),
        "user_id": _named([f"user-{number:04}" for number in range(USERS)], user),
        "account_id": _named([f"account-{n % ACCOUNTS:02}" for n in range(USERS)], user),
        "session_id": _hex_ids(count // CALLS_PER_SESSION + 1, 8, dice).take(pa.array(session)),
        "trace_id": trace_ids.take(pa.array(np.arange(count) // CALLS_PER_TRACE)),
        "span_id": _hex_ids(count, 8, dice),
        "attributes": _attributes(count, dice),
        **_outcomes(count, dice),
    }
    return pa.RecordBatch.from_pydict(columns)


def encoded(calls: pa.RecordBatch, size: int) -> list[bytes]:
    """JSON arrays of `size` calls each, as senders encode them; unknown members left out."""
    times = pc.binary_join_element_wise(
        pc.strftime(calls["occurred_at"], "%Y-%m-%dT%H:%M:%S"), "Z", ""
    )
    wire = calls.set_column(calls.schema.get_field_index("occurred_at"), "occurred_at", times)
    parts = (wire.slice(start, size) for start in range(0, wire.num_rows, size))
    return [msgspec.json.encode([_event(row) for row in part.to_pylist()]) for part in parts]


def canonical(
    calls: pa.RecordBatch,
    received_at: datetime,
    prices: PriceBook,
    policies: Mapping[str, DeliveryPolicy] = POLICIES,
) -> pa.RecordBatch:
    """The rows that the hub stores for `calls` received at that moment; of EVENT_SCHEMA."""
    count = calls.num_rows
    columns = dict(zip(calls.schema.names, calls.columns, strict=True))
    columns |= {
        "tenant": pa.repeat(TENANT, count),
        "stream": pa.repeat("observatory", count),
        "received_at": pa.repeat(pa.scalar(received_at, MOMENT), count),
        "total_tokens": pc.add(columns["input_tokens"], columns["output_tokens"]),
        "cache_write_tokens": pa.nulls(count, pa.uint64()),
    }
    columns |= priced(columns, pa.repeat(True, count), prices)
    columns["event_key"] = event_keys(
        TENANT, columns["source"], columns["stream"], columns["event_id"]
    )
    lives = lifetimes(
        columns["stream"], columns["occurred_at"], received_at, policies, remember_always=False
    )
    columns |= {"key_until": lives.key_until, "expires_on": lives.expires_on}
    arrays = [columns.get(field.name, pa.nulls(count, field.type)) for field in EVENT_SCHEMA]
    return pa.RecordBatch.from_arrays(arrays, schema=EVENT_SCHEMA)


def _event(row: dict[str, object]) -> dict[str, object]:
    event = {name: value for name, value in row.items() if value is not None}
    return event | {"attributes": msgspec.Raw(str(row["attributes"]).encode())}


def _outcomes(count: int, dice: Generator) -> dict[str, pa.Array]:
    """What a call took and used; of a failed one only its latency is known."""
    failed = dice.random(count) < FAILURES
    latency = dice.lognormal(7.0, 0.8, count).round(1)
    inputs = dice.lognormal(7.0, 1.0, count).astype(np.uint64)
    errors = _named(ERROR_TYPES, dice.integers(0, len(ERROR_TYPES), count))
    return {
        "status": pc.if_else(pa.array(failed), "error", "ok"),
        "error_type": pc.if_else(pa.array(failed), errors, pa.scalar(None, pa.string())),
        "latency_ms": pa.array(latency),
        "ttft_ms": pa.array((latency * dice.uniform(0.1, 0.4, count)).round(1), mask=failed),
        "input_tokens": pa.array(inputs, mask=failed),
        "output_tokens": pa.array(dice.lognormal(5.5, 0.9, count).astype(np.uint64), mask=failed),
        "cached_tokens": pa.array(inputs // dice.integers(2, 50, count, np.uint64), mask=failed),
    }


def _attributes(count: int, dice: Generator) -> pa.Array:
    kinds = [
        f'{{"finish_reason":"{reason}","temperature":{temperature}}}'
        for reason in ("stop", "length", "tool_calls")
        for temperature in (0.1, 0.2, 0.7)
    ]
    return _named(kinds, dice.integers(0, len(kinds), count))


def _moments(count: int, begin: datetime, end: datetime, dice: Generator) -> pa.Array:
    first, last = (int(moment.timestamp() * 1e6) for moment in (begin, end))
    return pa.array(np.sort(dice.integers(first, last, count)), pa.int64()).cast(MOMENT)


def _named(names: tuple[str, ...] | list[str], index: NDArray[np.integer]) -> pa.Array:
    return pa.array(names, pa.string()).take(pa.array(index))


def _hex_ids(count: int, size_bytes: int, dice: Generator) -> pa.Array:
    return _texts(_digits(count, size_bytes, dice))


def _uuids(count: int, dice: Generator) -> pa.Array:
    letters = np.full((count, 36), ord("-"), np.uint8)
    letters[:, _DIGITS] = _digits(count, 16, dice)
    letters[:, _VERSION] = ord("4")
    return _texts(letters)


def _digits(count: int, size_bytes: int, dice: Generator) -> NDArray[np.uint8]:
    digits = dice.bytes(count * size_bytes).hex().encode()
    return np.frombuffer(digits, np.uint8).reshape(count, 2 * size_bytes)


def _texts(letters: NDArray[np.uint8]) -> pa.Array:
    """Rows of ASCII letters as texts of one length."""
    count, length = letters.shape
    ends = np.arange(count + 1, dtype=np.int32) * length
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(letters.tobytes()))
