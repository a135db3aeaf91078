"""The targets of a dialect's table: the field an attribute fills, and how its value is read.

A reader gives None for a value that says nothing (empty, NaN, negative): unknown, never 0.
"""

import math
from collections.abc import Callable
from typing import NamedTuple

import msgspec

from llm_analytics_hub.ingest.dialects.vocabulary import normalise_provider

Reader = Callable[[object], object]


class Target(NamedTuple):
    """Where a value goes.

    `read` None means text. `of_call` marks a measure of one model call: on any other span it is
    a sum over the children, and counting it would count each call twice. A value that
    `is_kept` also stays under its own key; one that `is_attribute` has no column.
    """

    field: str
    read: Reader | None = None
    of_call: bool = False
    is_kept: bool = False
    is_attribute: bool = False


def text(value: object) -> str | None:
    """The value as text if it is text or a whole number, else None."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) and value else None


def count(value: object) -> int | None:
    """A count of things: a whole number from 0, also if it came as a float or as digits."""
    if type(value) is int:  # not a bool
        return value if 0 <= value < 2**63 else None
    if isinstance(value, float) and value.is_integer():
        return count(int(value))
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return count(int(value))
    return None


def amount(value: object) -> float | None:
    """A finite number above 0: SDKs send 0 for a cost they do not know."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < math.inf else None


def seconds(value: object) -> float | None:
    """Milliseconds from seconds."""
    number = amount(value)
    return None if number is None else number * 1000.0


def words(value: object) -> list[str] | None:
    """A list of words from a list, a JSON list in text, or a single word."""
    if isinstance(value, str) and value.startswith("["):
        try:
            value = msgspec.json.decode(value)
        except msgspec.DecodeError:
            return [str(value)]
    if isinstance(value, str) and value:
        return [value]
    if isinstance(value, list):
        return [word for word in value if isinstance(word, str)] or None
    return None


def provider(value: object) -> str | None:
    """The provider's one name, see `normalise_provider`."""
    return normalise_provider(value) if isinstance(value, str) else None


TARGETS = {
    "provider": Target("provider", provider),
    "response_model": Target("model"),
    "request_model": Target("model", is_kept=True),
    "user_id": Target("user_id"),
    "session_id": Target("session_id"),
    "account_id": Target("account_id"),
    "environment": Target("environment"),
    "region": Target("region"),
    "error_type": Target("error_type"),
    "finish_reasons": Target("finish_reasons", words, is_attribute=True),
    "input_tokens": Target("input_tokens", count, of_call=True),
    "output_tokens": Target("output_tokens", count, of_call=True),
    "cached_tokens": Target("cached_tokens", count, of_call=True),
    "cache_write_tokens": Target("cache_write_tokens", count, of_call=True),
    "reasoning_tokens": Target("reasoning_tokens", count, of_call=True),
    "total_tokens": Target("total_tokens", count, of_call=True),
    "ttft_ms": Target("ttft_ms", amount, of_call=True),
    "ttft_seconds": Target("ttft_ms", seconds, of_call=True),
    # The hub prices calls itself; what the SDK thought stays beside it, never in `cost_usd`.
    "reported_cost_usd": Target("reported_cost_usd", amount, of_call=True, is_attribute=True),
}
