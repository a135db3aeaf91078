"""The routes at which the hub answers with what it counted, put together."""

from fastapi import APIRouter

from llm_analytics_hub.api.integrations.costops import costops_routes
from llm_analytics_hub.api.integrations.marketplace import admin_routes, marketplace_routes
from llm_analytics_hub.api.integrations.observatory import observatory_routes
from llm_analytics_hub.api.integrations.sentinel import sentinel_routes
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.connectors.feed_desk import FeedDesk
from llm_analytics_hub.feedback.budgets import Budgets
from llm_analytics_hub.feedback.costs import CostFeedback
from llm_analytics_hub.feedback.marketplace import MarketplaceFeedback
from llm_analytics_hub.feedback.observatory import ObservatoryFeedback
from llm_analytics_hub.feedback.threats import ThreatFeedbackDesk
from llm_analytics_hub.ingest.intake import Intake
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.storage.interface import MetricReader


def answer_routes(
    queries: QueryService,
    lists: EventLists,
    points: MetricReader,
    intake: Intake,
    clock: Clock,
    feeds: FeedDesk,
) -> list[APIRouter]:
    """The routers of marketplace, CostOps, Sentinel and Observatory.

    `feeds` take over reports for CostOps, and know who tells Sentinel of feedback.
    """
    market = MarketplaceFeedback(queries, clock)
    return [
        admin_routes(market),
        marketplace_routes(market, clock),
        costops_routes(CostFeedback(queries, clock), Budgets(lists), clock, feeds),
        sentinel_routes(lists, ThreatFeedbackDesk(intake, clock), clock, feeds),
        observatory_routes(ObservatoryFeedback(queries, lists, points), clock),
    ]
