"""What happens in the marketplace, told by three of its services.

Tagged events of consumption, camelCase ones of publishing, free ones of administration differ in
spelling and in where the particulars lie.
"""

from collections.abc import Callable, Iterable, Mapping

from llm_analytics_hub.integrations.integration import Shape, with_rest
from llm_analytics_hub.integrations.marketplace.names import event_type, kind_of
from llm_analytics_hub.integrations.marketplace.quota import utilization
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.metric_names import unit_of
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, read, renamed


def _event_id(reading: Reading) -> object:
    """A row of the audit log has an `id` of its own; elsewhere it may be of the thing told of."""
    own = reading.take("event_id", "eventId")
    return reading.take("id") if own is None and reading.see("action") else own


IDENTITY: Columns = {
    "event_id": _event_id,
    "original_type": ("event_type", "eventType"),
    "occurred_at": "timestamp",
}
"""Read of the event itself: the things it tells of have ids and times as well."""


def _policy(reading: Reading) -> object:
    policy = reading.take("policy_id", "policyId")
    return None if policy == "none" else policy


COLUMNS: Columns = {
    "service": ("service_id", "serviceId"),
    "user_id": ("user_id", "userId"),
    "account_id": ("consumer_id", "consumerId"),
    "policy_id": _policy,
    "severity": "severity",
    "correlation_id": ("request_id", "requestId"),
}
NAMES: Columns = {
    "provider_id": "providerId",
    "pricing_model": "pricingModel",
    "error_count": "errorCount",
}
"""A provider here is who publishes a service, not who runs a model."""


def _rate_limit(reading: Reading) -> Row:
    """The limit is of requests per minute, which is not said."""
    if reading.see("limit") is not None:
        reading.rest["limit_unit"] = "per_minute"
    return {"status": "denied"}


def _quota(reading: Reading) -> Row:
    return {"status": "denied", **utilization(reading)}


def _sla(reading: Reading) -> Row:
    """A latency without a unit is of milliseconds, as all that the marketplace measures."""
    metric = reading.see("metric")
    unit = "ms" if "latency" in str(metric).lower() else None
    return {"value": reading.take("actual"), "unit": unit_of(metric) or unit}


def _failure(_: Reading) -> Row:
    return {"status": "error"}


def _nothing(_: Reading) -> Row:
    return {}


PARTICULARS: Mapping[str, Callable[[Reading], Row]] = {
    "rate_limit_exceeded": _rate_limit,
    "quota_exceeded": _quota,
    "sla_violation": _sla,
    "validation_failed": _failure,
    "publish_failed": _failure,
}


def events(message: Message) -> Iterable[Row]:
    """The event of a message, wherever it has its particulars."""
    kind = kind_of(message)
    said = {name: value for name, value in message.document.items() if value is not None}
    reading = Reading(said)
    reading.take("source")
    row = read(reading, IDENTITY)
    reading.open("data", "metadata", "details")
    row |= read(reading, COLUMNS)
    renamed(reading, NAMES)
    row |= PARTICULARS.get(kind, _nothing)(reading)
    return [with_rest({"event_type": event_type(kind), **row}, reading.rest)]


def _is_event(message: Message) -> bool:
    """Not what the documents describe, which has `eventType` and `data`."""
    names = message.document.keys()
    return "event_type" in names or ("eventType" in names and "data" not in names)


EVENT = Shape("event", _is_event, events)
