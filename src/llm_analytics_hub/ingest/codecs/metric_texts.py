"""Texts and labels of metrics, repaired where they are no UTF-8 and refused where they are too much."""

import json
from typing import Any

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.ingest.codecs.any_value import any_value
from llm_analytics_hub.ingest.codecs.notes import REPLACEMENT, Notes, Unreadable, found_in
from llm_analytics_hub.normalize.attributes import MAX_ATTRIBUTES_BYTES
from llm_analytics_hub.normalize.texts import MAX_LENGTH

Labels = dict[str, str]


class MetricTexts:
    """Reads the texts of one request; `repaired` says whether one was since it was last reset."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self.repaired = False

    def name(self, raw: bytes) -> str:
        """A name or unit. Raises: InvalidInputError `text_too_long`."""
        if len(raw) > MAX_LENGTH:
            raise InvalidInputError(f"text of over {MAX_LENGTH} bytes", code="text_too_long")
        text = raw.decode(errors="replace")
        if REPLACEMENT in text:
            self.repaired |= self._notes.is_suspect or raw != text.encode()
        return text

    def labels(self, pairs: Any) -> Labels:
        """Attributes as texts, lists and maps as JSON; of a repeated name the last value stands.

        Raises: InvalidInputError for a value that cannot be read, and for more than may be stored.
        """
        values = {self._key(pair.key): self._value(pair.value) for pair in pairs}
        if self._notes.is_suspect:
            self._look_through(values)
        labels = {key: _text(value) for key, value in values.items()}
        size = sum(len(key) + len(text) for key, text in labels.items())
        if size > MAX_ATTRIBUTES_BYTES:
            message = f"attributes of {size} characters, at most {MAX_ATTRIBUTES_BYTES} are taken"
            raise InvalidInputError(message, code="attributes_too_large")
        return labels

    def _key(self, raw: bytes) -> str:
        try:
            return raw.decode()
        except UnicodeDecodeError:
            self.repaired = True
            return raw.decode(errors="replace")

    def _value(self, value: Any) -> object:
        try:
            return any_value(value)
        except UnicodeDecodeError:
            self.repaired = True
            return any_value(value, errors="replace")

    def _look_through(self, values: dict[str, object]) -> None:
        found = found_in(values)
        if isinstance(found, Unreadable):
            raise InvalidInputError(found.message, code=found.code)
        self.repaired |= found is not None


def _text(value: object) -> str:
    match value:
        case str():
            return value
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case dict() | list():
            return json.dumps(value)
        case _:
            return str(value)
