"""Templates in settings: read when the settings are, so that a wrong one stops the start."""

from typing import Annotated

from pydantic import AfterValidator, Field

from llm_analytics_hub.alerts.channels.filling import check_template
from llm_analytics_hub.alerts.channels.messages import MESSAGE_NAMES
from llm_analytics_hub.alerts.channels.template_faults import LONGEST_TEMPLATE, TemplateFaultError


def _checked(source: str) -> str:
    try:
        check_template(source, MESSAGE_NAMES)
    except TemplateFaultError as error:
        raise ValueError(error.message) from None
    return source


MessageTemplate = Annotated[str, Field(max_length=LONGEST_TEMPLATE), AfterValidator(_checked)]
"""A template of a message; empty for the hub's own."""
