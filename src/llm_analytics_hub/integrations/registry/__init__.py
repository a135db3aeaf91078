"""LLM-Registry: assets of the platform and what happens to them (WIRE_FORMATS §2)."""

from llm_analytics_hub.integrations.integration import Integration, has
from llm_analytics_hub.integrations.registry.assets import ASSET, ASSET_IN_WORDS
from llm_analytics_hub.integrations.registry.events import FLAT_EVENT, NATS_EVENT, STORED_EVENT
from llm_analytics_hub.integrations.wires import Paging, Pull, Wires

WIRES = Wires(
    subjects=("registry.events.>",),
    topics=("registry.assets", "registry.versions"),
    routing_keys=("registry.assets", "registry.versions"),
    pulls={
        "assets": Pull(
            # The default leaves deprecated ones out; `has_more` is always false.
            "/v1/assets",
            Paging.TOTAL,
            params={"exclude_deprecated": "false"},
            total="pagination.total",
        ),
    },
)

REGISTRY = Integration(
    name="registry",
    has_contents=False,
    shapes=(STORED_EVENT, NATS_EVENT, FLAT_EVENT, ASSET, ASSET_IN_WORDS),
    pages=("items",),
    is_error=has("status", "error", "timestamp"),
    wires=WIRES,
)
