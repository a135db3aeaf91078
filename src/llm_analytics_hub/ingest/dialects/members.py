"""JSON texts in attributes, looked into for the facts that a dialect's table names."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import msgspec

from llm_analytics_hub.ingest.dialects.plan import Member
from llm_analytics_hub.ingest.dialects.span import Spans

MAX_TEXT = 1_000_000  # characters; a longer text is stored, not looked into

# litellm sends the `repr` of a Python dict. Of numbers and names this makes JSON; text with quotes
# of its own does not become JSON and is left alone.
_PYTHON = (("'", '"'), ("None", "null"), ("True", "true"), ("False", "false"))


class Members:
    """What lies inside the attributes of some spans; a text is decoded when first asked for."""

    def __init__(self, spans: Spans, wanted: Mapping[str, Member]) -> None:
        self._attributes = spans.attributes
        self._wanted = wanted
        self._documents: dict[str, Sequence[object]] = {}

    def column(self, name: str) -> Sequence[object]:
        """The member that a table calls `name`; None where a span has it not."""
        attribute, path = self._wanted[name]
        documents = self._documents.get(attribute)
        if documents is None:
            documents = list(map(_document, self._attributes[attribute]))
            self._documents[attribute] = documents
        return [_at(document, path) for document in documents]


def unquoted(spans: Spans) -> Spans:
    """Spans whose texts are JSON, with what the texts mean; objects and lists stay texts."""
    meant = {name: list(map(_meaning, column)) for name, column in spans.attributes.items()}
    return replace(spans, attributes=meant)


def _document(value: object) -> object:
    if not isinstance(value, str):
        return value
    if len(value) > MAX_TEXT or not value.startswith(("{", "[")):
        return None
    found = _decoded(value)
    if found is None and value.startswith("{'"):
        for python, plain in _PYTHON:
            value = value.replace(python, plain)
        found = _decoded(value)
    return found


def _decoded(text: str) -> object:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return None


def _at(document: object, path: Sequence[str]) -> object:
    for step in path:
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isdecimal() and int(step) < len(document):
            document = document[int(step)]
        else:
            return None
    return document


def _meaning(value: object) -> object:
    if not isinstance(value, str) or value.startswith(("{", "[")) or len(value) > MAX_TEXT:
        return value
    meant = _decoded(value)
    return value if meant is None else meant
