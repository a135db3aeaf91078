"""How much one OTLP request may ask for, where a few bytes of it stand for many.

An item of nothing is two bytes and becomes an object, a refusal and a dead letter; the attributes
of a resource are sent once and stored with each of its items.
"""

from typing import Final

from llm_analytics_hub.errors import TooLargeError

MAX_ITEMS: Final = 200_000
"""Most spans, log records or data points of a request: the batches of exporters hold thousands."""

MAX_OBJECTS: Final = 3_000_000
"""Most objects in a request's JSON: 64 MB of attributes, of 45 bytes and two objects each."""

MAX_METRIC_OBJECTS: Final = 1_000_000
"""The same of metrics, whose JSON is read by protobuf's own reader at 10 microseconds an object."""

MAX_SPREAD_BYTES: Final = 256 * 1024 * 1024
"""Most bytes of resources, each as often as it has items."""


def check_items(count: int) -> None:
    """Raises: TooLargeError for more items than a request may have."""
    if count > MAX_ITEMS:
        message = f"{count} items in a request, at most {MAX_ITEMS} are taken; send smaller batches"
        raise TooLargeError(message)


def check_objects(body: bytes, most: int = MAX_OBJECTS) -> None:
    """Raises: TooLargeError for JSON that would be far larger in memory than on the wire."""
    if body.count(b"{") > most:
        raise TooLargeError(f"more than {most} objects in a request; send smaller batches")


def check_spread(size: int) -> None:
    """Raises: TooLargeError where resources, repeated for their items, make too much."""
    if size > MAX_SPREAD_BYTES:
        message = (
            f"the attributes of resources, stored with every item, make more than "
            f"{MAX_SPREAD_BYTES} bytes; send smaller batches"
        )
        raise TooLargeError(message)
