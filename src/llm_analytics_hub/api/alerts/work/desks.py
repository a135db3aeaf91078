"""All that can be asked about alerts, put together; each method may be called from any thread."""

from llm_analytics_hub.alerts.alerting import Alerting
from llm_analytics_hub.api.alerts.work.alerts import AlertDesk
from llm_analytics_hub.api.alerts.work.budgets import BudgetDesk
from llm_analytics_hub.api.alerts.work.checking import CheckDesk
from llm_analytics_hub.api.alerts.work.definitions import DefinitionDesk
from llm_analytics_hub.api.alerts.work.deliveries import DeliveryDesk
from llm_analytics_hub.api.alerts.work.routing import RouteDesk
from llm_analytics_hub.api.alerts.work.silences import SilenceDesk
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.query.events import EventLists
from llm_analytics_hub.query.service import QueryService


class Desks:
    """What is asked where."""

    def __init__(
        self, alerting: Alerting, queries: QueryService, lists: EventLists, clock: Clock
    ) -> None:
        self.alerts = AlertDesk(alerting, clock)
        self.definitions = DefinitionDesk(alerting)
        self.budgets = BudgetDesk(self.definitions, queries, clock)
        self.checks = CheckDesk(alerting.rules, queries, lists, clock)
        self.silences = SilenceDesk(alerting.desk.silences, clock)
        self.routing = RouteDesk(alerting, clock)
        self.deliveries = DeliveryDesk(alerting)
