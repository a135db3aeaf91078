"""LLM-Observatory: spans of model calls, metrics, and what its API says of them (WIRE_FORMATS §5)."""

from llm_analytics_hub.integrations.csv_rows import csv_rows
from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.observatory.metrics import BUCKET, ENRICHED, METRIC, POINT
from llm_analytics_hub.integrations.observatory.notices import (
    BUDGET_ALERT,
    EXPORT_JOB,
    NOTICE,
    TELEMETRY,
)
from llm_analytics_hub.integrations.observatory.otlp import decode_otlp
from llm_analytics_hub.integrations.observatory.spans import LLM_SPAN, NESTED_TRACE
from llm_analytics_hub.integrations.observatory.storage import (
    STORED_LOG,
    STORED_SPAN,
    STORED_TRACE,
)
from llm_analytics_hub.integrations.observatory.summaries import SUMMARIES
from llm_analytics_hub.integrations.observatory.traces import TRACE, TRACE_REPLY


def is_error(message: Message) -> bool:
    """`{error, message, …}` of its API, `{type: error}` of its WebSocket, `{status: error, meta}`."""
    document = message.document
    if document.get("type") == "error" or document.keys() >= {"error", "message"}:
        return "trace_id" not in document
    return document.get("status") == "error" and "meta" in document


OBSERVATORY = Integration(
    name="observatory",
    shapes=(
        LLM_SPAN, NESTED_TRACE, TRACE, TRACE_REPLY, STORED_TRACE, STORED_SPAN, STORED_LOG, NOTICE,
        TELEMETRY, POINT, METRIC, ENRICHED, *SUMMARIES, BUDGET_ALERT, EXPORT_JOB, BUCKET,
    ),
    pages=("data", "traces", "jobs"),
    sinks=("/ingest/observatory",),
    csv=csv_rows,
    whole=decode_otlp,
    is_error=is_error,
)  # fmt: skip
