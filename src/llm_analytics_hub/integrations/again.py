"""What was refused at a module's door, read once more."""

from collections.abc import Sequence
from datetime import datetime

from llm_analytics_hub.integrations.catalog import INTEGRATIONS
from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.rows import identified
from llm_analytics_hub.normalize.normalizer import CANONICAL, RawEvent

DOOR = "ingest/"
"""Begins the names of the modules' doors."""


def events_again(
    door: str, document: RawEvent, received_at: datetime, subject: str
) -> Sequence[RawEvent]:
    """The raw events of a refused document: a module's own, or an event that was read already.

    They have the ids that the same document has at the door.
    Raises: HubError where it can still not be read.
    """
    module = _module_of(door)
    if module is None or document.keys() <= CANONICAL:
        return (document,)
    message = Message(document, received_at, subject)
    return [identified(row, message) for row in module.events_of(message)]


def _module_of(door: str) -> Integration | None:
    return INTEGRATIONS.get(door.removeprefix(DOOR)) if door.startswith(DOOR) else None
