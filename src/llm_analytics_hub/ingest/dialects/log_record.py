"""A log record, in the shape that spans have, so that the tables of dialects read both."""

from llm_analytics_hub.ingest.dialects.span import UNSET, Span

TRACE_DIGITS, SPAN_DIGITS = 32, 16


class LogRecord(Span):
    """A log record: a span without an id and a length, below the span it was written in.

    `severity` is OTLP's number (0: none), `body` any value; `name` is the name of the event.
    """

    severity: int = 0
    body: object = None


def log_record(
    trace_id: str,
    span_id: str,
    name: str,
    time: int,
    observed: int,
    severity: int,
    body: object,
) -> LogRecord:
    """The record of these OTLP fields: ids in hex, times in ns since 1970 UTC, 0 where unknown.

    Ids are dropped if they are of another length or all zero: the record is worth more than they.
    Source: OTLP logs data model, "use Timestamp if it is present, otherwise ObservedTimestamp".
    """
    trace = _sound(trace_id, TRACE_DIGITS)
    moment = time or observed
    return LogRecord(
        trace_id=trace,
        span_id="",
        parent_span_id=_sound(span_id, SPAN_DIGITS) if trace else "",
        name=name,
        kind=0,
        start=moment,
        end=moment,
        status=UNSET,
        status_message="",
        severity=severity,
        body=None if body == "" else body,
    )


def _sound(hex_id: str, digits: int) -> str:
    return hex_id if len(hex_id) == digits and hex_id.strip("0") else ""
