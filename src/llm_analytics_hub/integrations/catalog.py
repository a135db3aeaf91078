"""All integrations by the name they have in paths."""

from collections.abc import Mapping

from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.integrations.costops import COSTOPS
from llm_analytics_hub.integrations.governance_dashboard import GOVERNANCE_DASHBOARD
from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.marketplace import MARKETPLACE
from llm_analytics_hub.integrations.observatory import OBSERVATORY
from llm_analytics_hub.integrations.policy_engine import POLICY_ENGINE
from llm_analytics_hub.integrations.registry import REGISTRY
from llm_analytics_hub.integrations.sentinel import SENTINEL

INTEGRATIONS: Mapping[str, Integration] = {
    one.name: one
    for one in (
        REGISTRY, POLICY_ENGINE, MARKETPLACE, OBSERVATORY, SENTINEL, COSTOPS, GOVERNANCE_DASHBOARD,
    )
}  # fmt: skip


def integration(name: str) -> Integration:
    """The integration of a module. Raises: NotFoundError, naming those there are."""
    if name not in INTEGRATIONS:
        known = ", ".join(INTEGRATIONS)
        raise NotFoundError(
            f"there is no module {name[:80]!r}; there are {known}", code="unknown_module"
        )
    return INTEGRATIONS[name]
