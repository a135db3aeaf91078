"""What can be set about alerting."""

from datetime import timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from llm_analytics_hub.alerts.channels.kinds import ChannelName, ChannelSettings
from llm_analytics_hub.alerts.channels.templates import LinkTemplate
from llm_analytics_hub.alerts.evaluation import EvaluationSettings


class AlertSettings(BaseModel):
    """Rules from files, the channels that alerts go to, and what is kept."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = Field(True, description="judge rules and tell channels")
    rules: tuple[Path, ...] = Field((), description="YAML files, or folders of them, with rules")
    channels: dict[ChannelName, ChannelSettings] = Field(
        {}, description="by a name of your choice: where alerts are sent"
    )
    link_url: LinkTemplate = Field(
        "", description="page of an alert, with {fingerprint}, {rule}, {tenant}"
    )
    evaluation: EvaluationSettings = EvaluationSettings()
    history: timedelta = Field(
        timedelta(days=400), ge=timedelta(days=1),
        description="how long transitions, deliveries and old versions are kept",
    )  # fmt: skip
