"""Spans as the codecs give them, and the rows that the mapper makes of them."""

from typing import Any

from llm_analytics_hub.ingest.dialects import DIALECTS
from llm_analytics_hub.ingest.dialects.mapper import SpanMapper
from llm_analytics_hub.ingest.dialects.span import Resource, Span, by_shape
from llm_analytics_hub.normalize.raw_columns import as_rows

START = 1_795_292_798_000_000_000


def rows(*spans: tuple[dict[str, Any], dict[str, Any]], scope: str = "") -> list[dict[str, Any]]:
    """The rows of spans with these attributes and members, in the order of the spans."""
    made = [(span(**members), attributes) for attributes, members in spans]
    mapper = SpanMapper(DIALECTS)
    placed: dict[int, dict[str, Any]] = {}
    for shape in by_shape(scope, Resource({}, {}), 0, made):
        for group, columns in mapper.map(shape):
            placed.update(zip(group.places, as_rows(columns), strict=True))
    return [placed[place] for place in sorted(placed)]


def row(attributes: dict[str, Any], scope: str = "", **members: Any) -> dict[str, Any]:
    """The row of a span with these attributes."""
    (made,) = rows((attributes, members), scope=scope)
    return made


def span(**members: Any) -> Span:
    given_members = {
        "name": "call",
        "kind": 0,
        "end": START + 10**9,
        "status": 0,
        "status_message": "",
        "events": [],
        **members,
    }
    return Span(
        trace_id="0a" * 16,
        span_id="0b" * 8,
        parent_span_id="",
        start=START,
        links=[],
        **given_members,
    )
