"""LLM-CostOps: costs, usage, budgets, and the agents that watch them (WIRE_FORMATS §7)."""

from datetime import timedelta

from llm_analytics_hub.integrations.costops.agents import COST_FORECAST, DECIDED, RAN
from llm_analytics_hub.integrations.costops.budgets import (
    BUDGET_ALERT,
    BUDGET_FORECAST,
    BUDGET_SIGNAL,
)
from llm_analytics_hub.integrations.costops.costs import (
    COST_POINT,
    COST_RECORD,
    COST_SUMMARY,
    PRICING,
)
from llm_analytics_hub.integrations.costops.replies import ANALYTICS_REPLY, BATCH_REPLY, wrapped
from llm_analytics_hub.integrations.costops.usage import BOOKING, ENTRY, STREAMED, SUBMITTED, USAGE
from llm_analytics_hub.integrations.csv_rows import csv_rows
from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.wires import Paging, Pull, Wires


def is_error(message: Message) -> bool:
    """`{error: {code, message, …}}`; the `error` of an agent's telemetry is a text."""
    return isinstance(message.document.get("error"), dict)


_SHAPES = (
    DECIDED, RAN, ENTRY, STREAMED, SUBMITTED, BOOKING, COST_RECORD, BUDGET_SIGNAL, BUDGET_ALERT,
    BUDGET_FORECAST, COST_SUMMARY, PRICING, COST_FORECAST, BATCH_REPLY, ANALYTICS_REPLY, COST_POINT,
    USAGE,
)  # fmt: skip

WIRES = Wires(
    subjects=("llm.usage",),
    streams=("llm:usage",),
    pulls={
        # One summary of the time between the two dates; walked as a list where it is one.
        "costs": Pull(
            "/api/v1/costs",
            Paging.PAGE,
            limit_name="page_size",
            since="start_date",
            until="end_date",
            newest="timestamp",
            more="pagination.has_next",
            every=timedelta(hours=1),
        ),
        "usage": Pull(
            "/api/v1/usage/history",
            Paging.PAGE,
            limit_name="page_size",
            more="pagination.has_next",
            every=timedelta(hours=1),
        ),
        "pricing": Pull(
            "/api/v1/pricing",
            Paging.PAGE,
            limit_name="page_size",
            more="pagination.has_next",
            every=timedelta(hours=1),
        ),
    },
)

COSTOPS = Integration(
    name="costops",
    has_contents=False,
    shapes=(*_SHAPES, wrapped(_SHAPES)),
    pages=("data", "records"),
    sinks=("/api/v1/integrations/costops/cost-data/sync",),
    csv=csv_rows,
    is_error=is_error,
    wires=WIRES,
)
