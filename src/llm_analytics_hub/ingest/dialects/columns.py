"""The targets of a dialect's table: the field an attribute fills, and how its value is read.

A reader gives None for a value that says nothing (empty, NaN, negative): unknown, never 0.
"""

import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import msgspec

from llm_analytics_hub.ingest.dialects.vocabulary import normalise_provider

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Reader(NamedTuple):
    """How the values of a field are read: one by one, or all at once where they are alike."""

    one: Callable[[object], object]
    all_alike: Callable[[Sequence[object]], Sequence[object] | None] = lambda _: None

    def read(self, values: Sequence[object]) -> Sequence[object]:
        """The values that say something, as the field wants them; None for the others."""
        alike = self.all_alike(values)
        return [self.one(value) for value in values] if alike is None else alike


class Target(NamedTuple):
    """Where a value goes.

    `of_call` marks a measure of one model call: on any other span it is
    a sum over the children, and counting it would count each call twice. A value that
    `is_kept` also stays under its own key; one that `is_attribute` has no column.
    """

    field: str
    read: Reader
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
    """A finite number above 0, also as text: SDKs send 0 for a cost they do not know."""
    if isinstance(value, str):
        value = _number(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 < value < math.inf else None


def _number(digits: str) -> float | None:
    try:
        return float(digits)
    except ValueError:
        return None


def seconds(value: object) -> float | None:
    """Milliseconds from seconds."""
    number = amount(value)
    return None if number is None else number * 1000.0


def timestamp(value: object) -> int | None:
    """Nanoseconds since 1970 from ISO 8601, also if it is JSON in quotes; UTC if it names no zone."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip('"'))
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - EPOCH) // timedelta(microseconds=1) * 1000


def class_name(value: object) -> str | None:
    """The name of a class, also from Python's `<class 'module.Name'>`."""
    name = text(value)
    return name.removeprefix("<class '").removesuffix("'>") if name else None


def unscrubbed(value: object) -> str | None:
    """Text, unless Logfire has put its note about scrubbing in the place of it."""
    word = text(value)
    return None if word is None or word.startswith("[Scrubbed due to") else word


def failure(value: object) -> str | None:
    """The level of an error from a success that was none."""
    return "ERROR" if value is False else None


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


def _texts(values: Sequence[object]) -> Sequence[object] | None:
    return values if set(map(type, values)) == {str} and "" not in values else None


def _counts(values: Sequence[object]) -> Sequence[object] | None:
    if set(map(type, values)) != {int}:
        return None
    return values if min(values) >= 0 and max(values) < 2**63 else None  # type: ignore[type-var, operator]


def _seconds(values: Sequence[object]) -> Sequence[object] | None:
    if set(map(type, values)) != {float} or not 0 < min(values) <= max(values) < math.inf:  # type: ignore[type-var, operator]
        return None
    return [value * 1000.0 for value in values]  # type: ignore[operator]


def _providers(values: Sequence[object]) -> Sequence[object] | None:
    if set(map(type, values)) != {str}:
        return None
    known = {spelling: provider(spelling) for spelling in set(values)}
    return list(map(known.__getitem__, values))


TEXT = Reader(text, _texts)
COUNT = Reader(count, _counts)
SECONDS = Reader(seconds, _seconds)
PROVIDER = Reader(provider, _providers)

TARGETS = {
    "provider": Target("provider", PROVIDER),
    "response_model": Target("model", TEXT),
    "request_model": Target("model", TEXT, is_kept=True),
    "user_id": Target("user_id", TEXT),
    "session_id": Target("session_id", TEXT),
    "account_id": Target("account_id", TEXT),
    "environment": Target("environment", TEXT),
    "region": Target("region", TEXT),
    "unscrubbed_session_id": Target("session_id", Reader(unscrubbed)),
    "error_type": Target("error_type", TEXT),
    "error_class": Target("error_type", Reader(class_name)),
    "status_message": Target("status_message", TEXT, is_attribute=True),
    # The name under which calls are linked, whatever the dialect calls it.
    "response_id": Target("gen_ai.response.id", TEXT, of_call=True, is_attribute=True),
    "finish_reasons": Target("finish_reasons", Reader(words), is_attribute=True),
    "input_tokens": Target("input_tokens", COUNT, of_call=True),
    "output_tokens": Target("output_tokens", COUNT, of_call=True),
    "cached_tokens": Target("cached_tokens", COUNT, of_call=True),
    "cache_write_tokens": Target("cache_write_tokens", COUNT, of_call=True),
    "reasoning_tokens": Target("reasoning_tokens", COUNT, of_call=True),
    "total_tokens": Target("total_tokens", COUNT, of_call=True),
    "ttft_ms": Target("ttft_ms", Reader(amount), of_call=True),
    "ttft_seconds": Target("ttft_ms", SECONDS, of_call=True),
    # The hub prices calls itself; what the SDK thought stays beside it, never in `cost_usd`.
    "reported_cost_usd": Target(
        "reported_cost_usd", Reader(amount), of_call=True, is_attribute=True
    ),
    # Not fields themselves: `providers`, `tokens`, `times` and `failures` make fields of them.
    "answering_model": Target("answering_model", TEXT, of_call=True),
    "uncached_input_tokens": Target("uncached_input_tokens", COUNT, of_call=True),
    "visible_output_tokens": Target("visible_output_tokens", COUNT, of_call=True),
    "first_token_at": Target("first_token_at", Reader(timestamp), of_call=True),
    "latency_ms": Target("reported_latency_ms", Reader(amount), of_call=True),
    "latency_seconds": Target("reported_latency_ms", SECONDS, of_call=True),
    "level": Target("level", TEXT, is_kept=True),
    "success": Target("level", Reader(failure), is_kept=True),
    "http_status": Target("http_status", COUNT, of_call=True, is_kept=True),
}
