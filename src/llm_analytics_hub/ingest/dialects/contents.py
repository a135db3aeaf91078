"""Prompts and completions of spans, and what their span events carry."""

from llm_analytics_hub.ingest.dialects.draft import Draft
from llm_analytics_hub.ingest.dialects.nesting import nest
from llm_analytics_hub.ingest.dialects.plan import Plan
from llm_analytics_hub.ingest.dialects.shared import RESOURCE_CONTENT
from llm_analytics_hub.ingest.dialects.span import Span, SpanEvent


def read_contents(draft: Draft, plan: Plan, *, is_call: bool) -> None:
    """Move contents out of the attributes; take first token and exception from span events."""
    leaves = [(path, draft.rest.pop(key)) for key, path in plan.content]
    resource = draft.spans.resource.rest
    leaves += [
        ((name,), [resource[key]] * len(draft))
        for key, name in RESOURCE_CONTENT.items()
        if key in resource
    ]
    with_events = any(span.events for span in draft.spans.spans)
    if not leaves and not with_events:
        return
    contents: list[object] = [None] * len(draft)
    for row, span in enumerate(draft.spans.spans):
        content = [(path, column[row]) for path, column in leaves]
        if span.events:
            _read_exception(draft, row, span)
            if carried := [_as_row(event) for event in span.events if event.attributes]:
                content.append((("span_events",), carried))
        contents[row] = nest(content) if content else None
    draft.fields["content"] = contents
    if with_events and is_call:
        _read_first_token(draft, plan)


def _as_row(event: SpanEvent) -> dict[str, object]:
    return {"name": event.name, "time": event.time, "attributes": event.attributes}


def _read_exception(draft: Draft, row: int, span: Span) -> None:
    for event in span.events:
        if event.name == "exception":
            for key in ("exception.type", "exception.message"):
                draft.add(key, row, event.attributes.get(key))


def _read_first_token(draft: Draft, plan: Plan) -> None:
    known = draft.fields.get("ttft_ms", [None] * len(draft))
    draft.fields["ttft_ms"] = [
        _first_token_ms(span, plan.dialect.first_token_events) if ttft is None else ttft
        for ttft, span in zip(known, draft.spans.spans, strict=True)
    ]


def _first_token_ms(span: Span, names: frozenset[str]) -> float | None:
    times = [event.time for event in span.events if event.name in names]
    first = min(times, default=0)
    return (first - span.start) / 1e6 if first >= span.start else None
