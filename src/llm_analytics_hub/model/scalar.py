"""How a number reads as text, the same in every store."""

from decimal import Decimal

from llm_analytics_hub.model.query import Scalar


def text_of_scalar(value: Scalar) -> str:
    """What a value of a question is compared as where the field is text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else text_of_number(value)


def text_of_number(number: float) -> str:
    """The shortest text that gives the same number back; whole numbers without a point.

    Source: ECMAScript "Number::toString", which JSON writers follow: an exponent only below 1e-6
    and from 1e21.
    """
    if number == 0 or 1e-6 <= abs(number) < 1e21:
        return format(Decimal(repr(number)), "f").removesuffix(".0")
    return repr(number).replace("e+", "e").replace("e-0", "e-")
