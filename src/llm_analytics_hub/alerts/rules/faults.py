"""What is wrong with a rule: every fault with its place, told at once and in words that help."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from llm_analytics_hub.errors import InvalidInputError

MOST_TOLD = 50

Value = TypeVar("Value")


@dataclass(frozen=True)
class Fault:
    """Something that is wrong at `field`, a path such as `windows.0.long`, and what to do."""

    field: str
    message: str

    def __str__(self) -> str:
        """The fault as people read it."""
        return f"{self.field}: {self.message}" if self.field else self.message


class InvalidRuleError(InvalidInputError):
    """A rule cannot be taken; `faults` are all that are wrong with it."""

    code = "invalid_rule"

    def __init__(self, faults: Sequence[Fault], *, between: str = "; ") -> None:
        more = [f"and {len(faults) - MOST_TOLD} more"] if len(faults) > MOST_TOLD else []
        super().__init__(between.join([*map(str, faults[:MOST_TOLD]), *more]))
        self.faults = tuple(faults)
        self.field = faults[0].field or None


def fault(message: str) -> PydanticCustomError:
    """What a validator raises: a message that is told as it is."""
    return PydanticCustomError("rule_fault", "{text}", {"text": message})


def told(check: Callable[[Any], Value]) -> Callable[[Any], Value]:
    """A check of the hub as a validator: its errors become faults of the field."""

    def checked(value: Any) -> Value:
        try:
            return check(value)
        except InvalidInputError as error:
            raise fault(error.message) from error

    return checked


def faults_of(error: ValidationError, form: type[BaseModel]) -> list[Fault]:
    """The faults that pydantic found in a body of `form`."""
    return [_fault(item, form) for item in error.errors(include_url=False)]


def _fault(item: ErrorDetails, form: type[BaseModel]) -> Fault:
    return Fault(".".join(str(part) for part in item["loc"]), _message(item, form))


def _message(item: ErrorDetails, form: type[BaseModel]) -> str:
    match item["type"]:
        case "missing":
            return "is needed"
        case "extra_forbidden" if len(item["loc"]) == 1:
            names = (field.alias or name for name, field in form.model_fields.items())
            return f"there is no such member; there are {', '.join(names)}"
        case "extra_forbidden":
            return "there is no such member"
        case "tuple_type" | "list_type":
            return "is a list: write [a, b]"
        case "string_type":
            return "is a text: put it in quotes"
    return item["msg"].removeprefix("Value error, ").replace("Input should be", "is to be")
