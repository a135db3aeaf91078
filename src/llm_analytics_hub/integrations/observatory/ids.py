"""Ids of spans, in the spelling of OTLP."""

from collections.abc import Callable

from llm_analytics_hub.integrations.reading import Columns, Reading, Row


def hexadecimal(path: str) -> Callable[[Reading], object]:
    """An id as OTLP spells it: its digits in lower case, all zero is none; other ids are as they are."""

    def spelled(reading: Reading) -> object:
        value = reading.take(path)
        if not isinstance(value, str) or not value.strip("0"):
            return None
        is_hex = len(value) in {16, 32} and not value.strip("0123456789abcdefABCDEF")
        return value.lower() if is_hex else value

    return spelled


IDS: Columns = {name: hexadecimal(name) for name in ("trace_id", "span_id", "parent_span_id")}


def identified(row: Row) -> Row:
    """A row with the id that its span has by OTLP; without both ids, one is derived later."""
    trace_id, span_id = row.get("trace_id"), row.get("span_id")
    return {**row, "event_id": f"{trace_id}:{span_id}"} if trace_id and span_id else row
