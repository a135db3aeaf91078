"""The body of `POST /api/v1/query` as GraphQL input types, made from the model that checks it.

A member that the model gains is in the schema without a line here.
"""

from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin

import strawberry
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from strawberry.types import get_object_definition
from strawberry.types.field import StrawberryField

from llm_analytics_hub.api.graphql.scalars import Json, Moment
from llm_analytics_hub.query.body import QueryBody


@strawberry.input(
    description="A condition (`field`, `op`, `value`), or one of `and`, `or`, `not`; "
    "`op` is `eq` where nothing is said."
)
class Filter:
    """The JSON form of a filter."""

    field: str | None = strawberry.UNSET
    op: str | None = strawberry.UNSET
    value: Json | None = strawberry.UNSET
    and_: list["Filter"] | None = strawberry.field(name="and", default=strawberry.UNSET)
    or_: list["Filter"] | None = strawberry.field(name="or", default=strawberry.UNSET)
    not_: "Filter | None" = strawberry.field(name="not", default=strawberry.UNSET)


_FILTERS = QueryBody.model_fields["filters"].annotation
_PLAIN = (str, int, float, bool)
_MOMENT = frozenset({str, float})


@cache
def input_of(model: type[BaseModel], name: str) -> type:
    """The input type of a body; its members are those of the model, its defaults are the model's."""
    members = {one: _member(field) for one, field in model.model_fields.items()}
    kinds = {one: _annotation(field) for one, field in model.model_fields.items()}
    described = " ".join((model.__doc__ or "").split())
    plain = type(name, (), {"__annotations__": kinds, "__module__": __name__, **members})
    return strawberry.input(plain, description=described)


def _annotation(field: FieldInfo) -> Any:
    kind = _kind(field.annotation)
    return kind if field.is_required() else kind | None


def _member(field: FieldInfo) -> Any:
    absent = {} if field.is_required() else {"default": strawberry.UNSET}
    return strawberry.field(name=field.alias, description=field.description, **absent)


def _kind(annotation: Any) -> Any:
    """The GraphQL type of a member; whatever has none of its own is JSON."""
    if annotation == _FILTERS:
        return list[Filter]
    parts = _parts(annotation)
    if parts == _MOMENT:
        return Moment
    one = next(iter(parts)) if len(parts) == 1 else None
    if get_origin(one) is list:
        return list[_kind(get_args(one)[0])]  # type: ignore[misc]
    if get_origin(one) is Literal and all(isinstance(text, str) for text in get_args(one)):
        return str
    if isinstance(one, type) and issubclass(one, BaseModel):
        return input_of(one, f"{one.__name__.removesuffix('Body')}Input")
    return one if one in _PLAIN else Json


def _parts(annotation: Any) -> frozenset[Any]:
    is_union = get_origin(annotation) in {Union, UnionType}
    parts = get_args(annotation) if is_union else (annotation,)
    return frozenset(part for part in parts if part is not type(None))


def body_of(given: Any) -> Any:
    """What was written of an input, as the JSON body it stands for."""
    if isinstance(given, list):
        return [body_of(one) for one in given]
    defined = get_object_definition(given)
    if defined is None:
        return given
    members = ((one, getattr(given, one.python_name)) for one in defined.fields)
    return {_name(one): body_of(value) for one, value in members if _is_said(value)}


def _is_said(value: object) -> bool:
    return value is not strawberry.UNSET and value is not None


def _name(member: StrawberryField) -> str:
    """How JSON has it: GraphQL's own name where that was given, else Python's."""
    return member.graphql_name or member.python_name


QueryInput = input_of(QueryBody, "QueryInput")
