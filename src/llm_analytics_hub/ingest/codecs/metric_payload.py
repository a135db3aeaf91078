"""A refused metric point as text, for its dead letter."""

from base64 import b64encode
from typing import Any

from llm_analytics_hub.ingest.codecs.any_value import any_value
from llm_analytics_hub.ingest.codecs.metric_sent import SentMetric
from llm_analytics_hub.ingest.dead_letters import MAX_PAYLOAD, payload_of

_SHOWN_VALUES = 1_000
"""Most numbers of a list: a point may bring millions, and its letter is cut anyway."""


def sent_payload(metric: SentMetric, point: Any) -> str:
    """The point with the name and kind of its metric, and its service, as JSON; never an error."""
    said: dict[str, object] = {"metric": _text(metric.name), "kind": metric.kind}
    if not isinstance(metric.instrument, Exception):
        said["service"] = metric.instrument.service
        said["scope"] = metric.instrument.scope
    return payload_of({**said, **_fields(point)})


def _fields(message: Any) -> dict[str, object]:
    return {column.name: _plain(column.name, value) for column, value in message.ListFields()}


def _plain(name: str, value: Any) -> object:
    if name == "attributes":
        return {_text(pair.key): _value(pair.value) for pair in value[:_SHOWN_VALUES]}
    if hasattr(value, "ListFields"):
        return _fields(value)
    if isinstance(value, int | float):
        return value
    return [_fields(one) if hasattr(one, "ListFields") else one for one in value[:_SHOWN_VALUES]]


def _value(value: Any) -> object:
    try:
        return any_value(value, errors="replace")
    except Exception:  # noqa: BLE001 - it is refused for what it is; here only its bytes are told
        return b64encode(value.SerializeToString()[:MAX_PAYLOAD]).decode()


def _text(raw: bytes) -> str:
    return raw[:MAX_PAYLOAD].decode(errors="replace")
