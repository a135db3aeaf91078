"""Whether a default works for a tenant, without a copy of it that would grow old."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict

from llm_analytics_hub.alerts.rules.fields import Flag, Slug


@dataclass(frozen=True)
class Switch:
    """A default that is off, paused, or on although it is shipped paused."""

    name: str
    is_off: bool = False
    is_paused: bool = False


class SwitchForm(BaseModel):
    """A switch as people write it: {name: hub-cpu, kind: default, off: true}."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: Slug
    kind: Literal["default"]
    off: Flag = False
    paused: Flag = False


def switch_body(switch: Switch) -> dict[str, object]:
    """A switch as people write it."""
    return {
        "name": switch.name, "kind": "default", "off": switch.is_off, "paused": switch.is_paused,
    }  # fmt: skip
