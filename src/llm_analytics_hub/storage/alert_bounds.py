"""What every store of alerting refuses to keep, and the JSON of what it keeps."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from math import isfinite
from typing import Any, TypeVar

import msgspec

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.alert import Acknowledgement, Alert, Transition
from llm_analytics_hub.model.alerts.definition import Definition
from llm_analytics_hub.model.alerts.routing import Delivery, Sent
from llm_analytics_hub.storage.connector_states import check_name, check_text

LONGEST_BODY = 262_144
"""Characters of what people define."""

LONGEST_ALERT = 262_144
"""Bytes of the JSON of an alert, or of a note of it; senders choose the values of labels."""

LONGEST_RECORD = 16_777_216
"""Bytes of the JSON of what was sent: 32 for each alert of a group, and the payload."""

LONGEST_GROUP_KEY = 16_384
"""Characters of what a group is called by."""

LARGEST_PAGE = 10_000
"""Rows of a page."""

LARGEST_ID = 2**63 - 1

T = TypeVar("T")


def check_definition(one: Definition) -> None:
    """Pass what can be kept. Raises: InvalidInputError."""
    check_names(one.tenant, one.name, one.by)
    if one.body is not None:
        check_text(one.body, LONGEST_BODY, "what is defined")


def check_names(*names: str | None) -> None:
    """Pass names that can be kept, or None where none is asked for. Raises: InvalidInputError."""
    for name in names:
        if name is not None:
            check_name(name)


def check_group(tenant: str, group_key: str) -> None:
    """Pass a group of a tenant. Raises: InvalidInputError."""
    check_name(tenant)
    check_text(group_key, LONGEST_GROUP_KEY, "the key of a group")


def check_limit(limit: int) -> None:
    """Pass the size of a page. Raises: InvalidInputError."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInputError(f"a page has 1 to {LARGEST_PAGE} rows, not {limit}")


def number_of(before: tuple[datetime, str] | None) -> tuple[datetime, int] | None:
    """A place in a list whose ids are numbers. Raises: InvalidInputError for another id."""
    if before is None:
        return None
    moment, row_id = before
    if not (row_id.isascii() and row_id.isdecimal() and len(row_id) < 20):
        raise InvalidInputError("the place to read on from is none that was given")
    return moment, min(int(row_id), LARGEST_ID)


def alerts_json(alerts: Sequence[Alert]) -> list[str]:
    """Alerts as they are kept. Raises: InvalidInputError."""
    _check_rules(alerts)
    return [_json(_storable(one), LONGEST_ALERT, "an alert") for one in alerts]


def transitions_json(transitions: Sequence[Transition]) -> list[str]:
    """Transitions as they are kept. Raises: InvalidInputError."""
    _check_rules([one.alert for one in transitions])
    return [_json(_storable_change(one), LONGEST_ALERT, "a transition") for one in transitions]


def acknowledgement_json(given: Acknowledgement) -> str:
    """An acknowledgement as it is kept. Raises: InvalidInputError."""
    check_names(given.tenant, given.fingerprint, given.by)
    return _json(given, LONGEST_ALERT, "an acknowledgement")


def sent_json(told: Sent) -> str:
    """What a channel was told, as it is kept. Raises: InvalidInputError."""
    check_names(told.channel)
    check_group(told.tenant, told.group_key)
    return _json(told, LONGEST_RECORD, "what was sent")


def delivery_json(delivery: Delivery) -> str:
    """A delivery as it is kept. Raises: InvalidInputError."""
    check_names(delivery.id, delivery.channel)
    check_group(delivery.tenant, delivery.group_key)
    return _json(delivery, LONGEST_RECORD, "a delivery")


def from_json(kind: type[T], texts: Sequence[str]) -> list[T]:
    """What was kept, as it was given."""
    # Not strict, for the numbers that JSON has none of.
    decode = msgspec.json.Decoder(kind, strict=False).decode
    return [decode(text) for text in texts]


def _check_rules(alerts: Sequence[Alert]) -> None:
    # Thousands come from a few rules.
    check_names(*{one.tenant for one in alerts}, *{one.rule for one in alerts})


def _storable(alert: Alert) -> Alert:
    if alert.value is None or isfinite(alert.value):
        return alert
    # JSON has no infinity: as text it comes back as the number it was.
    return replace(alert, value=str(alert.value))  # type: ignore[arg-type]


def _storable_change(one: Transition) -> Transition:
    alert = _storable(one.alert)
    return one if alert is one.alert else replace(one, alert=alert)


def _json(value: Any, longest: int, what: str) -> str:
    try:
        encoded = msgspec.json.encode(value)
    except UnicodeEncodeError as error:
        raise InvalidInputError(f"{what} must be text, without lone surrogates") from error
    if len(encoded) > longest:
        raise InvalidInputError(f"{what} has at most {longest} bytes, not {len(encoded)}")
    return encoded.decode()
