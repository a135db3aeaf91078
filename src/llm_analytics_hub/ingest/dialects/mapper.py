"""Spans to canonical raw rows, by the tables of their dialect."""

import re
from collections.abc import Sequence

from llm_analytics_hub.ingest.dialects.columns import text
from llm_analytics_hub.ingest.dialects.dialect import Dialect
from llm_analytics_hub.ingest.dialects.nesting import nest
from llm_analytics_hub.ingest.dialects.plan import Column, Plan, make_plan
from llm_analytics_hub.ingest.dialects.span import ERROR, UNSET, Resource, Span
from llm_analytics_hub.ingest.dialects.vocabulary import EVENT_TYPES, normalise_operation

Row = dict[str, object]

STATUSES = {0: "unset", 1: "ok", 2: "error"}
SPAN_KINDS = {1: "internal", 2: "server", 3: "client", 4: "producer", 5: "consumer"}
MODEL_CALL = "inference.completed"
# "openai.RateLimitError: Error code: 429 ..." says the class of the error in its message.
ERROR_CLASS = re.compile(r"([A-Za-z_][\w.]*(?:Error|Exception|Timeout|Interrupt|Exit))\b")


class SpanMapper:
    """Maps the spans of one request; remembers the reading plan of each shape of span."""

    def __init__(self, dialects: Sequence[Dialect]) -> None:
        self._dialects = dialects
        self._plans: dict[tuple[str, ...], Plan] = {}

    def to_row(self, span: Span, scope: str, resource: Resource) -> Row:
        """The canonical raw row of `span`; takes the values out of `span.attributes`.

        Units: occurred_at ns since 1970 UTC, durations ms. Token counts, TTFT and reported cost
        are read from model calls only. The sender's own attributes win over `scope`, `span_kind`
        and the other names under which the hub adds what has no column.
        """
        attributes = span.attributes
        plan = self._plan(scope, attributes)
        row = _identity(span)
        row.update(resource.columns)
        extras = _extras(span, scope, resource)
        extras["dialect"] = plan.label
        _read(plan.columns, attributes, row, extras)
        operation = _operation(plan, attributes)
        if operation:
            row["operation"] = operation
            row["event_type"] = EVENT_TYPES.get(operation, "span.completed")
        if row["event_type"] == MODEL_CALL:
            _read(plan.call_columns, attributes, row, extras)
            _complete(row, plan.dialect)
        if plan.content or span.events:
            _read_content(span, plan, row, extras)
        if span.status == ERROR or "error_type" in row:
            _fail(span, row, extras)
        row["attributes"] = {**extras, **attributes}
        return row

    def _plan(self, scope: str, attributes: Row) -> Plan:
        shape = (scope, *attributes)
        plan = self._plans.get(shape)
        if plan is None:
            plan = self._plans[shape] = make_plan(self._dialects, scope, shape[1:])
        return plan


def _extras(span: Span, scope: str, resource: Resource) -> Row:
    """What has no column and is no attribute of the span itself."""
    extras: Row = {"scope": scope} if scope else {}
    if span.kind in SPAN_KINDS:
        extras["span_kind"] = SPAN_KINDS[span.kind]
    if span.links:
        extras["links"] = span.links
    if resource.rest:
        extras["resource"] = resource.rest
    return extras


def _identity(span: Span) -> Row:
    start, end = span.start, span.end
    return {
        "source": "observatory",
        "stream": "observatory",
        "event_id": f"{span.trace_id}:{span.span_id}",
        "event_type": "span.completed",
        "original_type": span.name,
        "occurred_at": start,
        "latency_ms": (end - start) / 1e6 if end >= start else None,
        "status": STATUSES.get(span.status, "unset"),
        "trace_id": span.trace_id,
        "span_id": span.span_id,
        "parent_span_id": span.parent_span_id or None,
    }


def _read(columns: tuple[Column, ...], attributes: Row, row: Row, extras: Row) -> None:
    for key, field, read, is_kept, is_attribute in columns:
        home = extras if is_attribute else row
        if field in home:
            continue
        value = attributes[key]
        if read is not None:
            value = read(value)
        elif value.__class__ is not str or not value:
            value = text(value)
        if value is not None:
            home[field] = value
            if not is_kept:
                del attributes[key]


def _operation(plan: Plan, attributes: Row) -> str | None:
    for key in plan.operation_keys:
        word = attributes[key]
        if isinstance(word, str) and word:
            del attributes[key]
            known = plan.dialect.operations.get(word.lower())
            return known or normalise_operation(word)
    return plan.dialect.default_operation


def _complete(row: Row, dialect: Dialect) -> None:
    """Make `input_tokens` include the cache, as the canonical event says, and add the total.

    Fewer input tokens than cached ones can only mean that the cache was left out.
    """
    tokens, made = row.get("input_tokens"), row.get("output_tokens")
    if not isinstance(tokens, int):
        return
    if "cached_tokens" in row or "cache_write_tokens" in row:
        cached = _number(row.get("cached_tokens")) + _number(row.get("cache_write_tokens"))
        leaves_out = dialect.anthropic_input_excludes_cache and row.get("provider") == "anthropic"
        if cached and (leaves_out or tokens < cached):
            tokens += cached
            row["input_tokens"] = tokens
            row.pop("total_tokens", None)
    if "total_tokens" not in row and isinstance(made, int):
        row["total_tokens"] = tokens + made


def _number(count: object) -> int:
    return count if isinstance(count, int) else 0


def _read_content(span: Span, plan: Plan, row: Row, extras: Row) -> None:
    content = [(path, span.attributes.pop(key)) for key, path in plan.content]
    events = _read_events(span, plan, row, extras)
    if events:
        content.append((("span_events",), events))
    if content:
        row["content"] = nest(content)


def _read_events(span: Span, plan: Plan, row: Row, extras: Row) -> list[Row]:
    """The span events that carry something; takes the first token and the exception from them."""
    first_token: int | None = None
    carried: list[Row] = []
    for event in span.events:
        if event.name in plan.dialect.first_token_events:
            first_token = min(event.time, first_token or event.time)
        elif event.name == "exception":
            for key in ("exception.type", "exception.message"):
                extras[key] = event.attributes.get(key)
        if event.attributes:
            carried.append({"name": event.name, "time": event.time, "attributes": event.attributes})
    if first_token is not None and first_token >= span.start and row["event_type"] == MODEL_CALL:
        row.setdefault("ttft_ms", (first_token - span.start) / 1e6)
    return carried


def _fail(span: Span, row: Row, extras: Row) -> None:
    """Mark a failed span; an `error.type` tells it where the SDK left the status unset."""
    if span.status == UNSET:
        row["status"] = "error"
    if span.status_message:
        extras["status_message"] = span.status_message
    if "error_type" not in row:
        named = ERROR_CLASS.match(span.status_message)
        error_type = text(extras.get("exception.type")) or (named and named[1])
        if error_type:
            row["error_type"] = error_type
