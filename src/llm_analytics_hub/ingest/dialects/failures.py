"""Which spans failed and of what, in the many ways in which SDKs say so."""

import re
from collections.abc import Sequence

from llm_analytics_hub.ingest.dialects.columns import text
from llm_analytics_hub.ingest.dialects.draft import Draft
from llm_analytics_hub.ingest.dialects.span import ERROR, UNSET

FIRST_HTTP_ERROR = 400

# "openai.RateLimitError: Error code: 429 ..." says the class of the error in its message.
_ERROR_CLASS = re.compile(r"([A-Za-z_][\w.]*(?:Error|Exception|Timeout|Interrupt|Exit))\b")
# "Error code: 429 - ..." and "Error: 429 ..." say the status that the provider answered with.
_HTTP_STATUS = re.compile(r"(?:Error(?: code)?: )?([45]\d\d)\b")
# What the SDKs of OpenAI and Anthropic say of calls that had no answer.
UNANSWERED = {"Request timed out": "timeout", "Connection error": "connection_error"}


def mark_failures(draft: Draft) -> None:
    """Mark failed spans, also where the SDK left the status unset, and name their errors.

    A span failed if its status, a level, an error type or the answer of the provider says so.
    """
    levels, answers = draft.fields.pop("level", None), draft.fields.pop("http_status", None)
    types = draft.fields.get("error_type")
    spans = draft.spans.spans
    hints = types is not None or levels is not None or answers is not None
    if not hints and not any(span.status == ERROR for span in spans):
        return
    named, statuses = list(types or [None] * len(draft)), list(draft.fields["status"])
    levels, answers = levels or [None] * len(draft), answers or [None] * len(draft)
    for row, span in enumerate(spans):
        answer = answers[row]
        refused = answer if isinstance(answer, int) and answer >= FIRST_HTTP_ERROR else None
        if span.status == ERROR or named[row] or levels[row] == "ERROR" or refused:
            statuses[row] = "error" if span.status == UNSET else statuses[row]
            if span.status_message:
                draft.add("status_message", row, span.status_message)
            named[row] = named[row] or _type(draft, row, refused)
    draft.fields |= {"status": statuses, "error_type": named}


def _type(draft: Draft, row: int, answer: int | None) -> str | None:
    """The class that was raised, or that the message begins with; else what the answer was."""
    message = text(_cell(draft.extras.get("status_message"), row)) or ""
    raised = text(_cell(draft.extras.get("exception.type"), row))
    if found := raised or _group(_ERROR_CLASS, message):
        return found
    for beginning, kind in UNANSWERED.items():
        if message.startswith(beginning):
            return kind
    return str(answer) if answer else _group(_HTTP_STATUS, message)


def _cell(column: Sequence[object] | None, row: int) -> object:
    return None if column is None else column[row]


def _group(pattern: re.Pattern[str], message: str) -> str | None:
    found = pattern.match(message)
    return found[1] if found else None
