"""One scale of severity for every vocabulary: a total map, so no event is lost for a word."""

from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from llm_analytics_hub.normalize.column import text_column

UNKNOWN: Final = "unknown"

# OpenTelemetry logs data model, "Displaying Severity": four numbers for each name.
_OTEL: Final = (
    ("trace", "debug"),
    ("debug", "debug"),
    ("info", "info"),
    ("warn", "medium"),
    ("error", "high"),
    ("fatal", "critical"),
)

_WORDS: Final = {
    "debug": "debug trace verbose fine finer finest",
    "info": "info information informational notice advisory",
    "low": "low minor",
    "medium": "medium moderate warning warn",
    "high": "high major severe error err",
    "critical": "critical crit fatal alert emergency emerg panic gating",
    UNKNOWN: "unknown",
}

_SEVERITY_OF_WORD: Final = {
    word: severity for severity, words in _WORDS.items() for word in words.split()
} | {f"{name}{step}": severity for name, severity in _OTEL for step in (2, 3, 4)}

_SEVERITY_OF_NUMBER: Final[dict[float, str]] = {
    4 * index + step: severity for index, (_, severity) in enumerate(_OTEL) for step in (1, 2, 3, 4)
}


def to_severity(value: object) -> str:
    """One of debug, info, low, medium, high, critical, unknown: never an error.

    Accepts: words of any case (modules, syslog, OpenTelemetry text and enum names) and
    OpenTelemetry severity numbers 1 to 24, also as text. All else, null too, is unknown; the
    caller keeps the original.
    """
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _SEVERITY_OF_NUMBER.get(value, UNKNOWN)
    return UNKNOWN


def to_severities(values: Sequence[object]) -> pa.Array:
    """Severities as strings, one for each value, none null; every distinct text is read once."""
    texts = text_column(values)
    if texts is None:
        return pa.array([to_severity(value) for value in values], pa.string())
    encoded = texts.dictionary_encode()
    severities = [to_severity(text) for text in encoded.dictionary.to_pylist()]
    return pa.array(severities, pa.string()).take(encoded.indices).fill_null(UNKNOWN)


def _of_text(text: str) -> str:
    word = text.strip().lower().removeprefix("severity_number_")
    if word in _SEVERITY_OF_WORD:
        return _SEVERITY_OF_WORD[word]
    is_number = word.isascii() and word.isdigit() and len(word) <= 2
    return _SEVERITY_OF_NUMBER.get(int(word), UNKNOWN) if is_number else UNKNOWN
