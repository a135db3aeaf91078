"""What the resolvers ask: the services that answer REST, and who asks."""

from dataclasses import dataclass

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import QueryTimeoutError
from llm_analytics_hub.feedback.budgets import Budgets
from llm_analytics_hub.feedback.compliance import ComplianceReports
from llm_analytics_hub.feedback.costs import CostFeedback
from llm_analytics_hub.feedback.marketplace import MarketplaceFeedback
from llm_analytics_hub.feedback.observatory import ObservatoryFeedback
from llm_analytics_hub.feedback.violations import Violations
from llm_analytics_hub.live.subscriptions import Subscriptions
from llm_analytics_hub.query.assets import AssetLists
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.cancellation import Cancellation
from llm_analytics_hub.storage.interface import MetricReader


@dataclass(frozen=True)
class Services:
    """The services of one hub, for every tenant. Safe for many threads."""

    queries: QueryService
    lists: EventLists
    assets: AssetLists
    clock: Clock
    reports: ComplianceReports
    violations: Violations
    market: MarketplaceFeedback
    observed: ObservatoryFeedback
    costs: CostFeedback
    budgets: Budgets
    live: Subscriptions


def services_of(
    queries: QueryService,
    lists: EventLists,
    assets: AssetLists,
    points: MetricReader,
    clock: Clock,
    live: Subscriptions,
) -> Services:
    """The services of a hub's engine, put together as REST has them."""
    return Services(
        queries,
        lists,
        assets,
        clock,
        ComplianceReports(queries, clock),
        Violations(lists),
        MarketplaceFeedback(queries, clock),
        ObservatoryFeedback(queries, lists, points),
        CostFeedback(queries, clock),
        Budgets(lists),
        live,
    )


@dataclass(frozen=True)
class Asker:
    """Who asks, and whether anybody still waits for the answer."""

    services: Services
    tenant: str
    cancellation: Cancellation

    def check(self) -> None:
        """Raises: QueryTimeoutError once nobody waits: the questions that are left are not asked."""
        if self.cancellation.is_cancelled:
            raise QueryTimeoutError("nobody waits for the answer any more")
