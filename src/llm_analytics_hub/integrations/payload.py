"""What a module's service hands over, before anyone has read it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Payload:
    """One message, or one reply.

    `subject` is the NATS subject, routing key, topic or path it came under, empty where unknown.
    """

    body: bytes
    content_type: str = "application/json"
    subject: str = ""
