"""Rules on other rules: which must be active, together or not."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ValidationInfo, field_validator

from llm_analytics_hub.alerts.detect.compound import rules_in
from llm_analytics_hub.alerts.rules.faults import fault, told
from llm_analytics_hub.alerts.rules.fields import Dimensions, slug
from llm_analytics_hub.alerts.rules.form import JudgedForm
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.model.alerts.rule import CompoundCondition, Expression

MOST_PARTS = 100
_SHAPE = "is the name of a rule, or {all: [...]}, {any: [...]} or {not: ...}"


def to_expression(body: object) -> Expression:
    """An expression of its JSON form. Raises: InvalidInputError."""
    return _expression(body, [MOST_PARTS])


def expression_body(expression: Expression) -> object:
    """The JSON form of an expression."""
    parts = [expression_body(part) for part in expression.parts]
    match expression.word:
        case "all" | "any":
            return {expression.word: parts}
        case "not":
            return {"not": parts[0]}
        case _:
            return expression.rule


def _expression(body: object, left: list[int]) -> Expression:
    left[0] -= 1
    if left[0] < 0:
        raise InvalidInputError(f"has more than {MOST_PARTS} parts")
    if isinstance(body, str):
        return Expression("rule", slug(body))
    if not isinstance(body, Mapping) or len(body) != 1:
        raise InvalidInputError(_SHAPE)
    word, inside = next(iter(body.items()))
    if word == "not":
        return Expression("not", parts=(_expression(inside, left),))
    if word not in ("all", "any") or not isinstance(inside, list) or not inside:
        raise InvalidInputError(_SHAPE)
    return Expression(word, parts=tuple(_expression(part, left) for part in inside))


class CompoundForm(JudgedForm):
    """Other rules; alerts of equal values of `on` belong together."""

    kind: Literal["compound"]
    when: Annotated[Any, BeforeValidator(told(to_expression))]
    on: Dimensions = ()
    severity: Level = Level.WARNING

    @field_validator("when")
    @classmethod
    def _is_of_others(cls, when: Expression, info: ValidationInfo) -> Expression:
        if info.data.get("name") in rules_in(when):
            raise fault("a rule cannot be made of itself: leave its own name out")
        return when

    def condition(self) -> CompoundCondition:
        """What the rule watches."""
        return CompoundCondition(self.when, self.on, self.severity)
