"""What the marketplace calls its events, and what the platform calls them."""

import re

from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.model.event import INFERENCE, OBSERVED

UNNAMED = "marketplace.event"
"""An event whose type is free text that makes no name; the text is kept as `original_type`."""

EVENT_TYPES = {"sla_violation": "sla.violated", "policy_violation": "violation.detected"}
"""Names that do not say what happened to what."""

_WORDS = re.compile(r"(?=.{3,128}\Z)[a-z0-9]+(?:[._][a-z0-9]+)+")
_GAPS = re.compile(r"[\s-]+")


def kind_of(message: Message) -> str:
    """What an event says it is, in lower case with underscores; "" where it does not say."""
    said = message.document.get("event_type") or message.document.get("eventType")
    return _GAPS.sub("_", said.strip().lower()) if isinstance(said, str) else ""


def event_type(kind: str) -> str:
    """`thing.happened` of `thing_happened`.

    Whoever writes a type by hand may write the name of a model call: it is none, and not counted.
    """
    if kind in EVENT_TYPES:
        return EVENT_TYPES[kind]
    if not _WORDS.fullmatch(kind):
        return UNNAMED
    name = kind if "." in kind else ".".join(kind.rsplit("_", 1))
    return UNNAMED if name in {INFERENCE, OBSERVED} else name
