"""All kinds of channels that settings may name."""

from typing import Annotated

from pydantic import Field

from llm_analytics_hub.alerts.channels.alertmanager import AlertmanagerSettings
from llm_analytics_hub.alerts.channels.apprise_services import AppriseSettings
from llm_analytics_hub.alerts.channels.log_channel import LogSettings
from llm_analytics_hub.alerts.channels.mail import EmailSettings
from llm_analytics_hub.alerts.channels.webhook import WebhookChannelSettings

ChannelSettings = Annotated[
    AlertmanagerSettings | AppriseSettings | EmailSettings | LogSettings | WebhookChannelSettings,
    Field(discriminator="kind"),
]

ChannelName = Annotated[str, Field(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")]
"""What routes call a channel by."""
