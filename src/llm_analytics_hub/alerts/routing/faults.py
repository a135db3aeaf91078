"""Every fault of a body at once, each with its place."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from llm_analytics_hub.errors import InvalidInputError

MOST_FAULTS = 20

Fault = tuple[str, str]
"""A place, and what is wrong there."""

Body = TypeVar("Body", bound=BaseModel)
Value = TypeVar("Value")


def checked(check: Callable[[Value], object]) -> Callable[[Value], Value]:
    """A validator of pydantic: the value itself, or the InvalidInputError of `check` as a fault."""

    def validate(value: Value) -> Value:
        try:
            check(value)
        except InvalidInputError as error:
            raise fault(error.message) from error
        return value

    return validate


def fault(text: str) -> PydanticCustomError:
    """A fault for people, to be raised in a validator."""
    return PydanticCustomError("refused", "{text}", {"text": text})


def body_of(
    kind: type[Body], given: object, code: str, context: Mapping[str, Any] | None = None
) -> Body:
    """A body of the right shape.

    Raises: InvalidInputError of `code`; its message has each fault with its place, a line each, its
    `field` the first place.
    """
    try:
        return kind.model_validate(given, context=dict(context or {}))
    except ValidationError as error:
        found = [(_place(one["loc"]), one["msg"]) for one in error.errors(include_url=False)]
        raise refusal(found, code) from error


def refusal(faults: Sequence[Fault], code: str) -> InvalidInputError:
    """The error that tells of all faults."""
    lines = [f"{place}: {text}" if place else text for place, text in faults[:MOST_FAULTS]]
    if len(faults) > MOST_FAULTS:
        lines.append(f"and {len(faults) - MOST_FAULTS} more faults")
    error = InvalidInputError("\n".join(lines), code=code)
    error.field = faults[0][0] or None
    return error


def _place(parts: tuple[int | str, ...]) -> str:
    """The place as `route.routes[2].match[0]`."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in parts)
    return text.removeprefix(".")
