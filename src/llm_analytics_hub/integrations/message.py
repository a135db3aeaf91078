"""What a module sent, before anyone has said what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

Document = Mapping[str, object]


@dataclass(frozen=True)
class Message:
    """One object of a module's payload.

    `subject` is the NATS subject, routing key, topic or path it came under, empty where unknown.
    """

    document: Document
    received_at: datetime
    subject: str = ""
