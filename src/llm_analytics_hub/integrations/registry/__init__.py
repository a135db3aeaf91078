"""LLM-Registry: assets of the platform and what happens to them (WIRE_FORMATS §2)."""

from llm_analytics_hub.integrations.integration import Integration, has
from llm_analytics_hub.integrations.registry.assets import ASSET, ASSET_IN_WORDS
from llm_analytics_hub.integrations.registry.events import FLAT_EVENT, NATS_EVENT, STORED_EVENT

REGISTRY = Integration(
    name="registry",
    has_contents=False,
    shapes=(STORED_EVENT, NATS_EVENT, FLAT_EVENT, ASSET, ASSET_IN_WORDS),
    pages=("items",),
    is_error=has("status", "error", "timestamp"),
)
