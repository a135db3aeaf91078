"""What went wrong, where an SDK names no `error.type`."""

import re

from llm_analytics_hub.ingest.dialects.columns import text

# "openai.RateLimitError: Error code: 429 ..." says the class of the error in its message.
_ERROR_CLASS = re.compile(r"([A-Za-z_][\w.]*(?:Error|Exception|Timeout|Interrupt|Exit))\b")


def error_type(raised: object, message: str) -> str | None:
    """The class of the exception that was raised, else the one that a message begins with."""
    named = _ERROR_CLASS.match(message)
    return text(raised) or (named[1] if named else None)
