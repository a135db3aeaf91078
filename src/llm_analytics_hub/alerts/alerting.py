"""All of alerting, put together."""

from contextlib import ExitStack
from dataclasses import dataclass

from llm_analytics_hub.alerts.alert_book import AlertBook
from llm_analytics_hub.alerts.channels.channels import Channels
from llm_analytics_hub.alerts.channels.templates import Texts
from llm_analytics_hub.alerts.evaluator import Evaluator
from llm_analytics_hub.alerts.health import Health
from llm_analytics_hub.alerts.house import AlertHouse
from llm_analytics_hub.alerts.matching import MatchRules
from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.routing.dispatcher import Dispatcher
from llm_analytics_hub.alerts.rules.book import RuleBook
from llm_analytics_hub.storage.alert_store import AlertStore


@dataclass(frozen=True)
class Alerting:
    """The parts of alerting; each may be used from any thread."""

    store: AlertStore
    rules: RuleBook
    book: AlertBook
    desk: RoutingDesk
    channels: Channels
    texts: Texts
    dispatcher: Dispatcher
    evaluator: Evaluator
    matching: MatchRules
    health: Health
    house: AlertHouse

    def start(self) -> None:
        """Begin to judge, to match and to tell."""
        self.channels.start()
        self.dispatcher.start()
        self.matching.start()
        self.evaluator.start()
        self.house.start()

    def close(self) -> None:
        """Stop, the one that brings news first; what was not told is told after the next start."""
        with ExitStack() as stack:
            for close in (
                self.book.close, self.channels.close, self.dispatcher.close,
                self.evaluator.close, self.matching.close, self.house.close,
            ):  # fmt: skip
                stack.callback(close)  # the last one is called first
