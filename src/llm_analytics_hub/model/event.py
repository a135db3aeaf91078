"""The canonical event as columns: the one schema that codecs feed, brokers carry and stores take."""

import pyarrow as pa

TEXT = pa.string()
MEASURE = pa.float64()
TOKENS = pa.uint64()
MONEY = pa.decimal128(38, 12)
MOMENT = pa.timestamp("us", "UTC")

TEXT_FIELDS = (
    "source", "stream", "event_id", "event_type", "original_type", "schema_version",
    "severity", "environment", "service", "region", "asset_id", "asset_version", "model",
    "provider", "operation", "status", "error_type", "user_id", "session_id", "account_id",
    "policy_id", "trace_id", "span_id", "parent_span_id", "correlation_id",
)  # fmt: skip
MEASURE_FIELDS = ("latency_ms", "ttft_ms", "score", "value")
TOKEN_FIELDS = (
    "input_tokens", "output_tokens", "cached_tokens", "cache_write_tokens",
    "reasoning_tokens", "total_tokens",
)  # fmt: skip
MONEY_FIELDS = ("cost_usd", "cost_amount")

CANONICAL_FIELDS = (
    *TEXT_FIELDS, "occurred_at", *MEASURE_FIELDS, *TOKEN_FIELDS, *MONEY_FIELDS,
    "cost_currency", "unit", "attributes", "content",
)  # fmt: skip
"""Keys of a raw event that have a meaning of their own; every other key goes to `attributes`."""

EVENT_SCHEMA = pa.schema(
    [
        ("tenant", TEXT),
        *((name, TEXT) for name in TEXT_FIELDS),
        ("occurred_at", MOMENT),
        ("received_at", MOMENT),
        ("sent_at", TEXT),  # the time as it stood on the wire, where the hub had to change it
        *((name, MEASURE) for name in MEASURE_FIELDS),
        *((name, TOKENS) for name in TOKEN_FIELDS),
        *((name, MONEY) for name in MONEY_FIELDS),
        ("cost_currency", TEXT),
        ("price_id", TEXT),
        ("unit", TEXT),
        ("attributes", TEXT),
        ("content_id", TEXT),
        ("event_key", pa.uint64()),
        ("key_until", pa.timestamp("s", "UTC")),
        ("expires_on", pa.date32()),
    ]
)
"""Columns of an event batch. Text and measures: null = unknown, never "" or 0.

`event_key` is the 64-bit hash of (tenant, source, stream, event_id), `key_until` the moment until
which the same key is a repeat, `expires_on` the first day the store may forget the event.
"""

REVISED_FIELDS = (*TOKEN_FIELDS, "ttft_ms", "provider", "model", "user_id", "session_id")
"""What the hub may learn of a model call after it was stored."""

REVISION_SCHEMA = pa.schema(
    [
        ("tenant", TEXT),
        ("event_key", pa.uint64()),
        ("revision", pa.uint8()),
        ("occurred_at", MOMENT),
        ("event_type", TEXT),
        *((name, TOKENS) for name in TOKEN_FIELDS),
        ("ttft_ms", MEASURE),
        *((name, TEXT) for name in ("provider", "model", "user_id", "session_id")),
        ("cost_usd", MONEY),
        ("price_id", TEXT),
        ("notes", TEXT),
    ]
)
"""Stored events that are to change: which one, by key and its `revision` so far, and its new values.

Columns but the first four take the place of the event's own; `notes`, a JSON object, joins its
attributes. The event then has the next revision.
"""

CONTENT_SCHEMA = pa.schema(
    [("tenant", TEXT), ("content_id", TEXT), ("body", TEXT), ("expires_on", pa.date32())]
)
"""Prompts and completions, content-addressed: `content_id` is the hash of `body`."""

DEAD_LETTER_SCHEMA = pa.schema(
    [
        ("tenant", TEXT),
        ("letter_id", TEXT),
        ("received_at", MOMENT),
        ("source", TEXT),
        ("door", TEXT),
        ("code", TEXT),
        ("message", TEXT),
        ("payload", TEXT),
        ("expires_on", pa.date32()),
        ("subject", TEXT),
    ]
)
"""Refused events with the reason; `payload` is the event as JSON text, cut at a limit.

`subject` is the NATS subject, routing key, topic or path a module's message came under.
"""

SEVERITIES = ("debug", "info", "low", "medium", "high", "critical", "unknown")
STATUSES = ("ok", "error", "denied", "unset")

INFERENCE = "inference.completed"
"""The event type of one model call: what the measure `requests` counts."""

OBSERVED = "inference.observed"
"""The event type of a model call that another event counts already: kept, without its numbers."""
