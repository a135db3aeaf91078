"""Model calls: bodies for the metrics service, its rows, and the types LLMRequest and LLMUsage.

Costs are US dollars by convention. A body for the metrics service has no time and no id.
"""

import re
from collections.abc import Iterable

from llm_analytics_hub.integrations.governance_dashboard.periods import end_of_period
from llm_analytics_hub.integrations.integration import Shape, by_table, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read
from llm_analytics_hub.model.event import INFERENCE

SUMMARIZED = "usage.summarized"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _model(reading: Reading) -> object:
    """A model's name; LLMRequest refers to one by the id of a row, which is none."""
    named = reading.take("model", "model_name")
    number = reading.see("model_id")
    if named is None and isinstance(number, str) and not _UUID.fullmatch(number):
        return reading.take("model_id")
    return named


def _failure(reading: Reading) -> object:
    said = str(reading.see("status")).lower()
    return said if said in {"timeout", "rate_limited"} else None


CALL: Columns = {
    "event_type": constant(INFERENCE),
    "event_id": "id",
    "occurred_at": ("timestamp", "time", "created_at"),
    "provider": ("provider", "provider_name"),
    "model": _model,
    "user_id": "user_id",
    "account_id": "organization_id",
    "correlation_id": "request_id",
    "input_tokens": ("prompt_tokens", "tokens_in", "tokens_input"),
    "output_tokens": ("completion_tokens", "tokens_out", "tokens_output"),
    "total_tokens": "total_tokens",
    "cost_usd": ("total_cost", "cost"),
    "latency_ms": "latency_ms",
    "error_type": _failure,
    "status": "status",
}

SUMMARY: Columns = {
    "event_type": constant(SUMMARIZED),
    "provider": "provider",
    "model": "model",
    "value": ("request_count", "total_requests", "total_requests_24h"),
    "unit": constant("requests"),
}
ENDS = ("bucket", "time_range.end", "period.end")


def summary(message: Message) -> Iterable[Row]:
    """Calls of a period as one number; tokens and cost stay attributes, for the calls count them."""
    reading = Reading(message.document)
    row = read(reading, SUMMARY) | end_of_period(message, *ENDS)
    return [with_rest(row, reading.rest)]


def _is_summary(message: Message) -> bool:
    return bool(message.document.keys() & set(SUMMARY["value"]))  # type: ignore[arg-type]


_INPUT = {"prompt_tokens", "tokens_in", "tokens_input"}
_OUTPUT = {"completion_tokens", "tokens_out", "tokens_output"}


def _is_call(message: Message) -> bool:
    names = message.document.keys()
    return bool(names & _INPUT and names & _OUTPUT and names & {"model", "model_id"})


USAGE_SUMMARY = Shape("calls of a period", _is_summary, summary)
MODEL_CALL = Shape("model call", _is_call, by_table(CALL))
