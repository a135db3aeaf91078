"""A field whose resolver gives a JSON object of a service, and not an instance of the field's type."""

from collections.abc import Callable
from typing import Any

import strawberry

Resolver = Callable[..., Any]


def told_as(kind: Any, description: str) -> Callable[[Resolver], Any]:
    """A decorator that makes a field of type `kind` of its resolver."""

    def field_of(resolver: Resolver) -> Any:
        return strawberry.field(resolver, graphql_type=kind, description=description)

    return field_of
