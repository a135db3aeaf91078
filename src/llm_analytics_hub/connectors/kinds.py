"""All kinds of connectors that settings may name."""

from typing import Annotated

from pydantic import Field

from llm_analytics_hub.connectors.feed import FeedSettings
from llm_analytics_hub.connectors.folder import FolderSettings
from llm_analytics_hub.connectors.kafka import KafkaSettings
from llm_analytics_hub.connectors.nats import NatsSettings
from llm_analytics_hub.connectors.rabbitmq import RabbitMqSettings
from llm_analytics_hub.connectors.redis_stream import RedisSettings
from llm_analytics_hub.connectors.rest import RestSettings
from llm_analytics_hub.connectors.websocket import WebSocketSettings

AnyConnector = Annotated[
    FeedSettings
    | FolderSettings
    | KafkaSettings
    | NatsSettings
    | RabbitMqSettings
    | RedisSettings
    | RestSettings
    | WebSocketSettings,
    Field(discriminator="kind"),
]
