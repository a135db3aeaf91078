"""What the modules send: batches of events, each module in the wire form it is fond of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import msgspec

from llm_analytics_hub.simulator.event import Event
from llm_analytics_hub.simulator.tracing import Trace, export_traces

EVENTS_PATH = "/api/v1/events"
TRACES_PATH = "/v1/traces"
BATCH_SIZE = 500

_encoder = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Request:
    """One POST to the hub and how many events it carries; a span is an event."""

    path: str
    headers: dict[str, str]
    body: bytes
    event_count: int


@dataclass(frozen=True, slots=True)
class Form:
    """A wire form: its content type and how events become a body."""

    content_type: str
    encode: Callable[[list[Event]], bytes]


def hub_array(events: list[Event]) -> bytes:
    """A JSON array of canonical events."""
    return _encoder.encode(events)


def ndjson(events: list[Event]) -> bytes:
    """A canonical event per line."""
    return _encoder.encode_lines(events)


def cloudevents(events: list[Event]) -> bytes:
    """A CloudEvents 1.0 batch; `data` has the members that the envelope has no place for."""
    return _encoder.encode([_cloudevent(event) for event in events])


def _cloudevent(event: Event) -> dict[str, Any]:
    data = msgspec.to_builtins(event)
    data |= data.pop("attributes", {})
    return {
        "specversion": "1.0",
        "id": data.pop("event_id"),
        "type": data.pop("event_type"),
        "source": data.pop("source"),
        "time": data.pop("occurred_at"),
        "datacontenttype": "application/json",
        "data": data,
    }


def camel_envelope(events: list[Event]) -> bytes:
    """An array of the envelope that the platform's integration document shows for the registry."""
    return _encoder.encode([_enveloped(event) for event in events])


def _enveloped(event: Event) -> dict[str, Any]:
    attributes = event.attributes or {}
    data = {
        "assetId": event.asset_id,
        "assetName": event.asset_id,
        "assetType": attributes.get("asset_type"),
        "version": event.asset_version,
        "owner": attributes.get("owner"),
    }
    return {
        "eventId": event.event_id,
        "eventType": event.event_type,
        "source": event.source,
        "timestamp": event.occurred_at,
        "version": "1.0.0",
        "data": {key: value for key, value in data.items() if value is not None},
        "metadata": {"environment": event.environment},
    }


HUB_ARRAY = Form("application/json", hub_array)
NDJSON = Form("application/x-ndjson", ndjson)
CLOUDEVENTS = Form("application/cloudevents-batch+json", cloudevents)
CAMEL_ENVELOPE = Form("application/json", camel_envelope)

FORMS = {
    "observatory": HUB_ARRAY,
    "policy-engine": NDJSON,
    "marketplace": CLOUDEVENTS,
    "sentinel": CLOUDEVENTS,
    "costops": HUB_ARRAY,
    "registry": CAMEL_ENVELOPE,
    "governance-dashboard": NDJSON,
}


class Outbox:
    """Gathers what the modules have to say into requests of about 500 events."""

    def __init__(self, tenant: str, batch_size: int = BATCH_SIZE) -> None:
        self._tenant = tenant
        self._batch_size = batch_size
        self._events: dict[str, list[Event]] = {source: [] for source in FORMS}
        self._traces: list[Trace] = []
        self._span_count = 0

    def put(self, events: list[Event], traces: list[Trace]) -> Iterator[Request]:
        """Take events and traces; gives the requests that became full."""
        for event in events:
            waiting = self._events[event.source]
            waiting.append(event)
            if len(waiting) >= self._batch_size:
                yield self._post_events(event.source)
        for trace in traces:
            self._traces.append(trace)
            self._span_count += len(trace.spans)
            if self._span_count >= self._batch_size:
                yield self._post_traces()

    def flush(self) -> Iterator[Request]:
        """The requests for everything that still waits."""
        for source, waiting in self._events.items():
            if waiting:
                yield self._post_events(source)
        if self._traces:
            yield self._post_traces()

    def _post_events(self, source: str) -> Request:
        events, self._events[source] = self._events[source], []
        form = FORMS[source]
        headers = {"Content-Type": form.content_type, "X-Tenant": self._tenant}
        return Request(EVENTS_PATH, headers, form.encode(events), len(events))

    def _post_traces(self) -> Request:
        traces, self._traces = self._traces, []
        count, self._span_count = self._span_count, 0
        headers = {"Content-Type": "application/x-protobuf", "X-Tenant": self._tenant}
        return Request(TRACES_PATH, headers, export_traces(traces), count)
