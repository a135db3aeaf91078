"""Durations of calls that a dialect writes other than as the length of the span."""

from llm_analytics_hub.ingest.dialects.dialect import Dialect
from llm_analytics_hub.ingest.dialects.draft import Draft
from llm_analytics_hub.ingest.dialects.span import Span


def complete_times(draft: Draft, dialect: Dialect) -> None:
    """Count the first token from the start; put a reported latency in the place of the span's.

    A latency is reported where the span stands for the end of a stream and has no length: then the
    call began that much earlier.
    """
    if not dialect.is_timed:
        draft.fields["latency_ms"] = [None] * len(draft)
    moments = draft.fields.pop("first_token_at", None)
    if moments is not None:
        known = draft.fields.get("ttft_ms") or [None] * len(draft)
        draft.fields["ttft_ms"] = [
            _since(span.start, moment) if ttft is None else ttft
            for ttft, span, moment in zip(known, draft.spans.spans, moments, strict=True)
        ]
    reported = draft.fields.pop("reported_latency_ms", None)
    if reported is not None:
        draft.fields["latency_ms"] = [
            own if given is None else given
            for own, given in zip(draft.fields["latency_ms"], reported, strict=True)
        ]
        draft.fields["occurred_at"] = [
            _begin(span, given) for span, given in zip(draft.spans.spans, reported, strict=True)
        ]


def _begin(span: Span, latency_ms: object) -> int:
    if isinstance(latency_ms, float) and span.end == span.start:
        return span.start - int(latency_ms * 1e6)
    return span.start


def _since(start: int, moment: object) -> float | None:
    return (moment - start) / 1e6 if isinstance(moment, int) and moment >= start else None
