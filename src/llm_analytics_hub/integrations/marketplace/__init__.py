"""LLM-Marketplace: services that are published, found and consumed (WIRE_FORMATS §4)."""

from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.marketplace.calls import CALL
from llm_analytics_hub.integrations.marketplace.catalogue import API_KEY, SERVICE
from llm_analytics_hub.integrations.marketplace.events import EVENT
from llm_analytics_hub.integrations.marketplace.reports import (
    DASHBOARD,
    METRIC,
    QUOTA,
    STATISTICS,
    USAGE,
)
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.wires import Pull, Wires

_EVENT_TYPES = frozenset({"event_type", "eventType"})


def _is_error(message: Message) -> bool:
    """`{error, message, …}` of its services, or `{detail}` of the framework below one of them."""
    document = message.document
    if document.keys() & _EVENT_TYPES:
        return False
    return bool(document.get("error")) or document.keys() == {"detail"}


WIRES = Wires(
    topics=("marketplace.consumption.events", "marketplace-events"),
    pulls={
        "usage": Pull("/api/v1/usage/{service}", params={"days": "1"}),
        "quota": Pull("/api/v1/quota/{service}"),
    },
)

MARKETPLACE = Integration(
    name="marketplace",
    has_contents=False,
    shapes=(CALL, EVENT, QUOTA, USAGE, STATISTICS, DASHBOARD, METRIC, SERVICE, API_KEY),
    pages=("results", "items", "metrics", "keys"),
    sinks=("/events", "/marketplace/metrics", "/api/v1/integrations/marketplace/metrics/report"),
    is_error=_is_error,
    wires=WIRES,
)
