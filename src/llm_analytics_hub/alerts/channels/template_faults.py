"""What may be wrong about a template."""

from llm_analytics_hub.errors import InvalidInputError

LONGEST_TEMPLATE = 10_000
"""Characters."""


class TemplateFaultError(InvalidInputError):
    """A template that cannot be read, or that cannot be filled in with these values."""

    code = "invalid_template"


def check_length(source: str) -> None:
    """Nothing, for a template that is not too long. Raises: TemplateFaultError."""
    if len(source) > LONGEST_TEMPLATE:
        raise TemplateFaultError(f"the template has more than {LONGEST_TEMPLATE} characters")
