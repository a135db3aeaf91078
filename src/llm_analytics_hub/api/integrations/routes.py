"""The routes at which modules are answered, put together."""

from fastapi import APIRouter

from llm_analytics_hub.api.ingest import IngestDoor
from llm_analytics_hub.api.integrations.gate import QuestionGate
from llm_analytics_hub.api.integrations.governance_dashboard import (
    dashboard_feed_routes,
    dashboard_query_routes,
)
from llm_analytics_hub.api.integrations.policy_engine import policy_engine_routes
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.connectors.feed_desk import FeedDesk
from llm_analytics_hub.feedback.compliance import ComplianceReports
from llm_analytics_hub.feedback.dashboard import DashboardFeeds
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.service import QueryService


def integration_routes(
    queries: QueryService,
    lists: EventLists,
    door: IngestDoor,
    clock: Clock,
    feeds: FeedDesk,
) -> list[APIRouter]:
    """The routers of the modules that ask; `feeds` take over reports for the policy engine."""
    reports = ComplianceReports(queries, clock)
    dashboard = DashboardFeeds(queries, lists, reports)
    return [
        policy_engine_routes(reports, lists, door, clock, feeds),
        dashboard_query_routes(queries, QuestionGate()),
        dashboard_feed_routes(dashboard, clock),
    ]
