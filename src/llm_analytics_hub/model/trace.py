"""A trace in one row: what its events in a range of time add up to."""

import pyarrow as pa

from llm_analytics_hub.model.event import MOMENT, MONEY, TEXT

TRACE_SCHEMA = pa.schema(
    [
        ("trace_id", TEXT),
        ("started_at", MOMENT),
        ("ended_at", MOMENT),
        ("events", pa.uint64()),
        ("requests", pa.uint64()),
        ("errors", pa.uint64()),
        ("input_tokens", pa.uint64()),
        ("output_tokens", pa.uint64()),
        ("cost_usd", MONEY),
        ("operation", TEXT),
        ("service", TEXT),
        ("model", TEXT),
        ("user_id", TEXT),
        ("session_id", TEXT),
    ]
)
"""`ended_at` is the latest end of an event, by its start and its latency. Texts are those of the
first event that has them; money and tokens null = unknown."""

FIRST_TEXTS = ("operation", "service", "model", "user_id", "session_id")
SUMMED = ("input_tokens", "output_tokens", "cost_usd")
