"""When something that sums a period up happened: at its end, or on arrival while it lasts."""

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Reading, Row
from llm_analytics_hub.normalize.timestamps import parse_timestamp


def end_of_period(message: Message, *paths: str) -> Row:
    """`occurred_at` by the first of these members that is a moment of the past; else nothing.

    The module echoes the bounds it was asked for, which may be any text, and lie ahead.
    """
    reading = Reading(message.document)
    latest = parse_timestamp(message.received_at)
    ends = (reading.see(path) for path in paths)
    past = next((end for end in ends if _is_past(end, latest)), None)
    return {} if past is None else {"occurred_at": past}


def _is_past(value: object, latest: int) -> bool:
    try:
        return value is not None and parse_timestamp(value) <= latest
    except InvalidInputError:
        return False
