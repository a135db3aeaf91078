"""Traffic as the canonical events that the hub stores after normalising."""

from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from llm_analytics_hub.model.event import EVENT_SCHEMA, INFERENCE
from llm_analytics_hub.model.stream import STREAM_OF_SOURCE
from llm_analytics_hub.simulator.catalogue import ACCOUNTS, MODELS, POLICIES, SERVICES, USERS

from .traffic import SEVERITIES, TYPES, Column, Days, Traffic

TENANT = "default"
OUTCOMES = np.array(["policy.evaluated", "policy.evaluated", "violation.detected"])


def batch_of(days: Days, tenant: str = TENANT) -> pa.RecordBatch:
    """All events in order of time, of EVENT_SCHEMA."""
    parts = [_batch(part, days.seed, number, tenant) for number, part in enumerate(days.parts)]
    whole = pa.concat_tables([pa.Table.from_batches([part]) for part in parts])
    return whole.sort_by("occurred_at").combine_chunks().to_batches()[0]


def _batch(part: Traffic, seed: int, number: int, tenant: str) -> pa.RecordBatch:
    count = len(part)
    given = _common(part, seed, number, tenant) | _own(part)
    columns = [_typed(given.get(field.name), field.type, count) for field in EVENT_SCHEMA]
    return pa.RecordBatch.from_arrays(columns, schema=EVENT_SCHEMA)


def _common(part: Traffic, seed: int, number: int, tenant: str) -> dict[str, Any]:
    columns, count = part.columns, len(part)
    at = pa.array(columns["at_us"], pa.timestamp("us", "UTC"))
    first = np.uint64(seed % 2**16) << np.uint64(48) | np.uint64(number) << np.uint64(36)
    keys = first + np.arange(count, dtype=np.uint64)
    ids = pc.binary_join_element_wise(part.source, pa.array(keys).cast(pa.string()), "-")
    kept = pc.add(at, timedelta(days=30))
    return {
        "tenant": _same(tenant, count),
        "source": _same(part.source, count),
        "stream": _same(STREAM_OF_SOURCE[part.source], count),
        "event_id": ids,
        "environment": _same("production", count),
        "service": _named(SERVICES, columns.get("service")),
        "user_id": pa.array(np.array(USERS)[columns["user"]]),
        "account_id": _named(ACCOUNTS, columns["account"]),
        "occurred_at": at,
        "received_at": at,
        "event_key": pa.array(keys),
        "key_until": kept.cast(pa.timestamp("s", "UTC"), safe=False),
        "expires_on": pc.add(at, timedelta(days=90)).cast(pa.date32()),
    }


def _own(part: Traffic) -> dict[str, Any]:
    if part.source == "observatory":
        return _call(part)
    columns, count = part.columns, len(part)
    found: dict[str, Any] = {
        "severity": pa.array(SEVERITIES[columns["severity"]]),
        "event_type": _same(TYPES.get(part.source, ""), count),
    }
    if "type" in columns:
        found["event_type"] = pa.array(columns["type"])
    if part.source == "policy-engine":
        found["event_type"] = pa.array(OUTCOMES[columns["outcome"]])
        found["status"] = pa.array(np.where(columns["outcome"] > 0, "denied", "ok"))
        found["policy_id"] = pa.array(
            np.array([one.policy_id for one in POLICIES])[columns["policy"]]
        )
    if "score" in columns:
        found["score"] = columns["score"]
    return found


def _call(part: Traffic) -> dict[str, Any]:
    """A model call: what failed has no tokens and costs nothing."""
    columns, count = part.columns, len(part)
    model, is_error = columns["model"], columns["is_error"]
    tokens = [
        np.where(is_error, 0, columns[name]).astype(np.uint64)
        for name in ("input_tokens", "output_tokens")
    ]
    prices = [np.array([getattr(m, name) for m in MODELS])[model] for name in _PRICES]
    cost = (tokens[0] * prices[0] + tokens[1] * prices[1]) / 1e6
    first = np.array([one.ttft_ms for one in MODELS])[model] * columns["slowness"]
    writing = np.array([one.ms_per_token for one in MODELS])[model] * tokens[1]
    return {
        "event_type": _same(INFERENCE, count),
        "severity": pa.array(np.where(is_error, "medium", "info")),
        "status": pa.array(np.where(is_error, "error", "ok")),
        "model": _named(MODELS, model),
        "provider": pa.array(np.array([one.provider for one in MODELS])[model]),
        "ttft_ms": first,
        "latency_ms": first + writing * columns["slowness"],
        "input_tokens": tokens[0],
        "output_tokens": tokens[1],
        "total_tokens": tokens[0] + tokens[1],
        "cost_usd": cost.round(9),
    }


_PRICES = ("input_usd", "output_usd")


def _typed(given: Any, type_: pa.DataType, count: int) -> pa.Array:
    if given is None:
        return pa.nulls(count, type_)
    array = given if isinstance(given, pa.Array) else pa.array(given)
    return array.cast(type_)


def _same(text: str, count: int) -> pa.Array:
    return pa.array(np.full(count, text))


def _named(things: tuple[Any, ...], places: Column | None) -> pa.Array | None:
    return None if places is None else pa.array(np.array([one.name for one in things])[places])
