"""The connections a hub keeps up by itself, as they are set."""

from dataclasses import dataclass

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.connectors.feed import FeedSettings
from llm_analytics_hub.connectors.feed_desk import FeedDesk
from llm_analytics_hub.connectors.landing import Landing
from llm_analytics_hub.connectors.link import Link, Sources
from llm_analytics_hub.connectors.state import ConnectorState
from llm_analytics_hub.connectors.supervisor import Supervisor
from llm_analytics_hub.ingest.intake import Intake
from llm_analytics_hub.integrations.catalog import integration
from llm_analytics_hub.settings import Settings
from llm_analytics_hub.storage.connector_states import ConnectorStates
from llm_analytics_hub.telemetry.metrics import Metrics


@dataclass(frozen=True)
class Connections:
    """What runs the connectors, and the desk of those that send."""

    supervisor: Supervisor
    feeds: FeedDesk


def open_connections(
    settings: Settings,
    states: ConnectorStates,
    intake: Intake,
    sources: Sources,
    clock: Clock,
    metrics: Metrics,
) -> Connections:
    """The connectors of `settings`; none of them is running yet."""
    supervisor, feeds = Supervisor(states, clock, metrics), FeedDesk()
    for name, chosen in settings.connectors.items():
        landing = Landing(intake, clock, integration(chosen.module), chosen.tenant)
        state = ConnectorState(
            name, chosen.module, chosen.kind, chosen.tenant, chosen.remote, clock.now()
        )
        link = Link(state, landing, states, clock, metrics, sources)
        supervisor.add(chosen.connector(), link)
        if isinstance(chosen, FeedSettings):
            feeds.add(chosen, link)
    return Connections(supervisor, feeds)
