"""Columns and attributes that the engine's messages have in common."""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from llm_analytics_hub.integrations.integration import Translate, by_table
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.policy_engine.spelling import word
from llm_analytics_hub.integrations.reading import Column, Columns, Reading, Row, Rule, read
from llm_analytics_hub.normalize.number import read_number
from llm_analytics_hub.normalize.units import to_milliseconds

REFERENCE: Columns = {
    "correlation_id": "execution_ref.request_id",
    "trace_id": "execution_ref.trace_id",
    "span_id": "execution_ref.span_id",
    "environment": "execution_ref.environment",
    "session_id": "execution_ref.session_id",
}
"""The request that a decision or a signal is about."""

NO_POLICY = "none"
"""What the engine writes where no policy matched."""


def policy(column: Column) -> Rule:
    """The policy of a document, unknown where it says that none matched."""

    def name(reading: Reading) -> object:
        value = read(reading, {"policy": column}).get("policy")
        return None if word(value) == NO_POLICY else value

    return name


def unit_of(path: str, unit: str) -> Rule:
    """The unit of a member, where it has a value: stands before the column that takes it."""
    return lambda reading: None if reading.see(path) is None else unit


def share(part: object, whole: object) -> float | None:
    """The part as a ratio; None where either is no number, or of nothing."""
    numbers = read_number(part), read_number(whole)
    if numbers[0] is None or not numbers[1]:
        return None
    return float(numbers[0] / numbers[1]) if all(map(_is_finite, numbers)) else None


def _is_finite(number: Decimal | None) -> bool:
    return number is not None and number.is_finite()


_DURATIONS = {
    "timeout_seconds": ("timeout_ms", "s"),
    "reset_in_hours": ("reset_in_ms", "h"),
}


def in_milliseconds(value: object) -> object:
    """The value with the engine's durations, at any depth, in milliseconds and named so."""
    if isinstance(value, list):
        return [in_milliseconds(item) for item in value]
    if not isinstance(value, dict):
        return value
    return dict(_attribute(name, item) for name, item in value.items())


def _attribute(name: str, value: object) -> tuple[str, object]:
    number = read_number(value) if name in _DURATIONS else None
    if number is None or not number.is_finite():
        return name, in_milliseconds(value)
    renamed, unit = _DURATIONS[name]
    return renamed, to_milliseconds(float(number), unit)


def table(columns: Columns, *, opened: Sequence[str] = ()) -> Translate:
    """One event a message, by a table, its attributes with durations in milliseconds."""
    plain = by_table(columns, opened=opened)

    def translate(message: Message) -> Iterable[Row]:
        return [timed(row) for row in plain(message)]

    return translate


def timed(row: Row) -> Row:
    """A row whose attributes have their durations in milliseconds."""
    return {
        name: in_milliseconds(value) if name == "attributes" else value
        for name, value in row.items()
    }


_TEXTS = frozenset({"prompt", "messages", "completion", "response", "system_prompt"})
_HOLDERS = ("context.llm", "modifications", "outputs.modifications", "decision.modifications",
            "payload.request_details")  # fmt: skip


def content(reading: Reading) -> object:
    """Prompts and answers among what the engine judged or changed, by where they stood."""
    found: Row = {}
    for path in _HOLDERS:
        holder = reading.see(path)
        if isinstance(holder, dict):
            texts = {name for name in holder if name.rpartition(".")[2] in _TEXTS}
            taken = {name: holder.pop(name) for name in sorted(texts)}
            found |= {path.rpartition(".")[2]: taken} if taken else {}
    return found or None
