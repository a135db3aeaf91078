"""What all signals of OTLP JSON share: attributes, resource, scope, ids and numbers.

Source: OTLP/HTTP, "JSON Protobuf Encoding": lowerCamelCase names, hex ids, 64-bit numbers as text
or numbers, enums as numbers (names are read too), unknown members ignored. JavaScript writes NaN
as null.
"""

from collections.abc import Mapping

import msgspec

NO_ID = "?"
"""Stands for what is no id: not empty, and no id is so long."""


class Message(msgspec.Struct, rename="camel", gc=False):
    """A protobuf message in JSON: absent and null members have their default."""


class _Values(Message):
    values: list["AnyValue"] | None = None


class _Pairs(Message):
    values: list["KeyValue"] | None = None


class AnyValue(Message):
    """Any value; no member at all is null."""

    string_value: str | None = None
    bool_value: bool | None = None
    int_value: int | str | None = None
    double_value: float | str | None = None
    array_value: _Values | None = None
    kvlist_value: _Pairs | None = None
    bytes_value: str | None = None


class KeyValue(Message):
    """An attribute."""

    key: str = ""
    value: AnyValue | None = None


class Scope(Message):
    """The instrumentation."""

    name: str | None = None


class ResourceMessage(Message):
    """The sender."""

    attributes: list[KeyValue] | None = None


def attributes_of(pairs: list[KeyValue] | None) -> dict[str, object]:
    """Attributes by name; of a repeated name the last value stands. Raises: ValueError."""
    return {pair.key: value_of(pair.value) for pair in pairs or ()}


def value_of(value: AnyValue | None) -> object:
    """The value as Python has it, bytes in base 64. Raises: ValueError for a number that is none."""
    if value is None:
        return None
    if value.string_value is not None:
        return value.string_value
    if value.int_value is not None:
        return int(value.int_value)
    if value.double_value is not None:
        return float(value.double_value)
    if value.array_value is not None:
        return [value_of(item) for item in value.array_value.values or ()]
    if value.kvlist_value is not None:
        return attributes_of(value.kvlist_value.values)
    return value.bytes_value if value.bool_value is None else value.bool_value


def hex_id(text: str | None) -> str:
    """The id in lower case; NO_ID if it is no hex."""
    try:
        return bytes.fromhex(text or "").hex()
    except ValueError:
        return NO_ID


def enum_of(value: int | str | None, names: Mapping[str, int]) -> int:
    """The number of an enum's value, 0 for a name that is none of `names`."""
    return names.get(value, 0) if isinstance(value, str) else value or 0
