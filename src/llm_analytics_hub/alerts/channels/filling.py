"""Templates that were read once and are filled in often."""

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Protocol

from llm_analytics_hub.alerts.channels.template_faults import TemplateFaultError, check_length

_KEPT = 2000
"""Templates kept ready: some 20 KB each."""


class Text(Protocol):
    """A template that is ready to be filled in."""

    def fill(self, values: Mapping[str, object], /) -> str:
        """The text. Raises: TemplateFaultError."""
        ...


def check_template(source: str, names: Collection[str]) -> None:
    """Nothing, for a template that asks for no other names. Raises: TemplateFaultError."""
    check_length(source)
    if "{" in source:
        from llm_analytics_hub.alerts.channels.jinja import unknown_names

        unknown = unknown_names(source, names)
        if unknown:
            raise TemplateFaultError(
                f"the template has {', '.join(unknown)}; there are {', '.join(sorted(names))}"
            )


@lru_cache(_KEPT)
def read_template(source: str, *, is_html: bool = False) -> Text:
    """The template, ready; one that cannot be read says so when it is filled in."""
    try:
        check_length(source)
        if "{" not in source:
            return Fixed(source)
        from llm_analytics_hub.alerts.channels.jinja import JinjaText

        return JinjaText(source, is_html=is_html)
    except TemplateFaultError as error:
        return Broken(error.message)


class Fixed:
    """A text without places to fill."""

    def __init__(self, text: str) -> None:
        self._text = text

    def fill(self, _: Mapping[str, object], /) -> str:
        """The text."""
        return self._text


class Broken:
    """A text that there is none of: kept, so that it is not read again for each alert."""

    def __init__(self, message: str) -> None:
        self._message = message

    def fill(self, _: Mapping[str, object], /) -> str:
        """Raises: TemplateFaultError."""
        raise TemplateFaultError(self._message)
