"""LLM-Observatory: spans of model calls, metrics, and what its API says of them (WIRE_FORMATS §5)."""

import json
from datetime import timedelta

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
from llm_analytics_hub.integrations.wires import Paging, Pull, Socket, Wires


def is_error(message: Message) -> bool:
    """`{error, message, …}` of its API, `{type: error}` of its WebSocket, `{status: error, meta}`."""
    document = message.document
    if document.get("type") == "error" or document.keys() >= {"error", "message"}:
        return "trace_id" not in document
    return document.get("status") == "error" and "meta" in document


_NOTICES = (
    "trace_created", "trace_updated", "metric_threshold", "cost_threshold", "export_job_status",
    "system_alert",
)  # fmt: skip

WIRES = Wires(
    socket=Socket(
        subscribe=json.dumps({"type": "subscribe", "events": _NOTICES, "filters": {}}),
        ping='{"type": "ping"}',
        replies=frozenset({"subscribed", "unsubscribed", "pong"}),
        errors=frozenset({"error"}),
    ),
    pulls={
        "traces": Pull(
            "/api/v1/traces",
            Paging.CURSOR,
            limit=1000,
            since="from",
            newest="ts",
            every=timedelta(minutes=1),
        ),
    },
)

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
    wires=WIRES,
)  # fmt: skip
