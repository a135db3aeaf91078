"""Numbers, times and JSON as the REST doors write them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NewType

import strawberry
from graphql import GraphQLError
from strawberry.types.scalar import ScalarDefinition

Long = NewType("Long", int)
Moment = NewType("Moment", str)
Json = NewType("Json", object)


def _moment(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise GraphQLError("a time is RFC 3339 text, or a number")
    return value


SCALARS: Mapping[object, ScalarDefinition] = {
    Long: strawberry.scalar(
        name="Long",
        description="A whole number of up to 64 bits, as a JSON number.",
        serialize=int,
    ),
    Decimal: strawberry.scalar(
        name="Decimal",
        description="An exact decimal number, as a JSON number with every digit: read it with a "
        "decimal parser where cents matter.",
        serialize=lambda value: value,
    ),
    Moment: strawberry.scalar(
        name="DateTime",
        description="A moment in UTC: ISO 8601 with `Z`. As an argument also with another offset, "
        "or Unix time as a number.",
        serialize=str,
        parse_value=_moment,
    ),
    Json: strawberry.scalar(
        name="JSON",
        description="Any JSON value.",
        specified_by_url="https://www.rfc-editor.org/rfc/rfc8259",
        serialize=lambda value: value,
        parse_value=lambda value: value,
    ),
}
