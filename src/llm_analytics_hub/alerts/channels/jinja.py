"""Templates in Jinja's language; imported when the first one is read."""

from collections.abc import Collection, Mapping, Sequence

from jinja2 import TemplateError, TemplateSyntaxError, meta
from jinja2.environment import Template

from llm_analytics_hub.alerts.channels.template_bounds import (
    MOST_CHARACTERS,
    STEPS,
    BoundedEnvironment,
    NotAllowedError,
    Steps,
    TooMuchError,
)
from llm_analytics_hub.alerts.channels.template_faults import TemplateFaultError, check_length

_TEXT = BoundedEnvironment(autoescape=False)
_HTML = BoundedEnvironment(autoescape=True)


class JinjaText:
    """A template, compiled."""

    def __init__(self, source: str, *, is_html: bool) -> None:
        environment = _HTML if is_html else _TEXT
        self._template = _compiled(environment, source)

    def fill(self, values: Mapping[str, object], /) -> str:
        """The text. Raises: TemplateFaultError."""
        given = {**values, STEPS: Steps()}
        try:
            return self._joined(given)
        except (TooMuchError, TemplateError) as error:
            raise TemplateFaultError(f"the template cannot be filled in: {error}") from error
        except Exception as error:
            # Whatever Python raises about these values: a sum with a text, a division by 0, …
            raise TemplateFaultError(
                f"the template cannot be filled in: {type(error).__name__}: {error}"
            ) from error

    def _joined(self, given: dict[str, object]) -> str:
        template = self._template
        # As many parts as steps at most, none of them a copy: what is long is found before it is made.
        parts = list(template.root_render_func(template.new_context(given, shared=True)))
        if sum(map(len, parts)) > MOST_CHARACTERS:
            raise TooMuchError(f"its text has more than {MOST_CHARACTERS} characters")
        return "".join(parts)


def unknown_names(source: str, names: Collection[str]) -> Sequence[str]:
    """What a template asks for and will not be given. Raises: TemplateFaultError."""
    _compiled(_TEXT, source)
    return sorted(meta.find_undeclared_variables(_TEXT.parse(source)) - set(names))


def _compiled(environment: BoundedEnvironment, source: str) -> Template:
    check_length(source)
    try:
        return environment.from_string(environment.bounded(source))
    except (NotAllowedError, TemplateSyntaxError) as error:
        line = error.line if isinstance(error, NotAllowedError) else error.lineno
        said = str(error) if isinstance(error, NotAllowedError) else error.message
        raise TemplateFaultError(f"the template is wrong in line {line}: {said}") from error
    except (RecursionError, SyntaxError) as error:  # Python allows 20 loops in each other
        raise TemplateFaultError("the template is nested too deep") from error
