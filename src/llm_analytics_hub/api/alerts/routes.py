"""All routes under `/api/v1/alerts`."""

from fastapi import APIRouter

from llm_analytics_hub.alerts.lazy import LazyAlerting
from llm_analytics_hub.api.alerts.active import active_routes
from llm_analytics_hub.api.alerts.checks import check_routes
from llm_analytics_hub.api.alerts.definitions import budget_routes, rule_routes
from llm_analytics_hub.api.alerts.deliveries import channel_routes, delivery_routes
from llm_analytics_hub.api.alerts.door import AlertDoor
from llm_analytics_hub.api.alerts.history import history_routes
from llm_analytics_hub.api.alerts.routing import routing_routes
from llm_analytics_hub.api.alerts.silences import silence_routes
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.service import QueryService

PREFIX = "/api/v1/alerts"


def alert_routes(
    alerting: LazyAlerting, queries: QueryService, lists: EventLists, clock: Clock
) -> list[APIRouter]:
    """The routers of alerts; alerting is opened by the first request for it."""
    door = AlertDoor(alerting, queries, lists, clock)
    made = [
        check_routes(door),
        rule_routes(door),
        budget_routes(door),
        active_routes(door),
        history_routes(door),
        silence_routes(door),
        routing_routes(door),
        channel_routes(door),
        delivery_routes(door),
    ]
    whole = APIRouter(prefix=PREFIX, tags=["alerts"])
    for routes in made:
        whole.include_router(routes)
    return [whole]
