"""Ids of log records that are none: left out of the record, which is worth more, and noted."""

from llm_analytics_hub.ingest.codecs.notes import Fault, Notes

_NO_TRACE = Fault("invalid_trace_id", "the trace id is not 16 bytes, or all zero; left out")
_NO_SPAN = Fault(
    "invalid_span_id", "the span id is not 8 bytes, all zero, or of no trace; left out"
)


def note_ids(place: int, trace_id: str, span_id: str, notes: Notes) -> None:
    """Note which of a record's ids in hex are left out; none at all is no fault."""
    is_traced = _is_id(trace_id, 32)
    if trace_id and not is_traced:
        notes.repaired(place, _NO_TRACE)
    if span_id and not (is_traced and _is_id(span_id, 16)):
        notes.repaired(place, _NO_SPAN)


def _is_id(text: str, digits: int) -> bool:
    return len(text) == digits and text.strip("0") != ""
