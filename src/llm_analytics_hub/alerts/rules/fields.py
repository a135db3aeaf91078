"""Members that rules of several kinds have, each checked by itself."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, StrictBool, ValidationInfo

from llm_analytics_hub.alerts.channels.filling import check_template
from llm_analytics_hub.alerts.channels.templates import ANNOTATION_NAMES
from llm_analytics_hub.alerts.rules.amounts import to_amount, unit_of
from llm_analytics_hub.alerts.rules.faults import told
from llm_analytics_hub.alerts.rules.json_form import canonical
from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.aggregate import Count
from llm_analytics_hub.model.alerts.labels import Labels
from llm_analytics_hub.model.catalogue import ASSET_PREFIX, MEASURES
from llm_analytics_hub.model.query import fields_of
from llm_analytics_hub.query.body import MAX_DIMENSIONS
from llm_analytics_hub.query.filters import check_dimension, to_filter

LONGEST_NAME = 63
LONGEST_TEMPLATE = 2_000
MOST_LABELS = 20
LONGEST_VALUE = 256
LONGEST_WHERE = 20_000
RESERVED = ("alertname", "severity")
TRUSTED = "trusted"
"""In the context: templates were checked before, reading them again would only cost time."""

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")
_LABEL = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")


def slug(name: str) -> str:
    """A name of a rule. Raises: InvalidInputError."""
    if len(name) > LONGEST_NAME or not _SLUG.fullmatch(name):
        raise InvalidInputError(
            f"{name!r:.80} is no name: take a-z, 0-9, - and _, {LONGEST_NAME} at most, "
            "a letter or digit first"
        )
    return name


def measure(name: str) -> str:
    """The name of a measure. Raises: InvalidInputError that lists what there is."""
    if name not in MEASURES:
        raise InvalidInputError(f"no measure {name!r:.80}; there are {', '.join(MEASURES)}")
    return name


def dimensions(names: tuple[str, ...]) -> tuple[str, ...]:
    """Different dimensions. Raises: InvalidInputError that lists what there is."""
    if len(names) > MAX_DIMENSIONS:
        raise InvalidInputError(f"{MAX_DIMENSIONS} dimensions are the most")
    for name in names:
        check_dimension(name)
    return tuple(dict.fromkeys(names))


def where(body: object) -> str:
    """The canonical JSON text of filters. Raises: InvalidInputError."""
    to_filter(body)
    text = canonical(body if isinstance(body, list) else [body])
    if len(text) > LONGEST_WHERE:
        raise InvalidInputError(f"is longer than {LONGEST_WHERE:,} characters: ask for less")
    return text


def live_where(body: object) -> str:
    """Filters that single events can be held against. Raises: InvalidInputError."""
    text = where(body)
    fields = fields_of(to_filter(body))
    if not fields:
        raise InvalidInputError("says nothing: name at least one condition, else every event fits")
    _check_live(fields)
    return text


def live_dimensions(names: tuple[str, ...]) -> tuple[str, ...]:
    """Dimensions that single events have. Raises: InvalidInputError."""
    found = dimensions(names)
    _check_live(found)
    return found


def _check_live(names: tuple[str, ...] | set[str]) -> None:
    for name in sorted(names):
        if name.startswith(ASSET_PREFIX):
            raise InvalidInputError(
                f"{name} is not in the stream of events: use asset_id, or a rule of kind threshold"
            )


def labels(given: object) -> Labels:
    """Labels, in order. Raises: InvalidInputError."""
    if not isinstance(given, Mapping):
        raise InvalidInputError("is an object of names and texts: {team: security}")
    if len(given) > MOST_LABELS:
        raise InvalidInputError(f"{MOST_LABELS} labels are the most")
    for name, value in given.items():
        _check_label(name, value)
    return tuple(sorted(given.items()))


def _check_label(name: str, value: object) -> None:
    if not _LABEL.fullmatch(name) or name in RESERVED:
        raise InvalidInputError(
            f"{name!r:.80} is no label: take letters, digits and _; {' and '.join(RESERVED)} are "
            "the hub's own"
        )
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_VALUE:
        raise InvalidInputError(f"{name}: is a text of 1 to {LONGEST_VALUE} characters, in quotes")


def template(text: str, info: ValidationInfo) -> str:
    """A template that can be read. Raises: ValueError."""
    if len(text) > LONGEST_TEMPLATE:
        raise ValueError(f"{LONGEST_TEMPLATE:,} characters are the most")
    if not (info.context or {}).get(TRUSTED):
        told(_read_template)(text)
    return text


@lru_cache(maxsize=1000)
def _read_template(source: str) -> None:
    """Many rules say the same. Raises: TemplateFaultError."""
    check_template(source, ANNOTATION_NAMES)


def at_least(given: object) -> tuple[str, float]:
    """A measure that counts, and how much of it must be there. Raises: InvalidInputError."""
    if not isinstance(given, Mapping) or len(given) != 1:
        raise InvalidInputError("names one measure and its least value: {requests: 20}")
    name, least = next(iter(given.items()))
    if not isinstance(MEASURES[measure(name)].aggregate, Count):
        counts = (one.name for one in MEASURES.values() if isinstance(one.aggregate, Count))
        raise InvalidInputError(f"{name} counts no events; these do: {', '.join(counts)}")
    value = to_amount(least, unit_of(MEASURES[name]))
    if value <= 0:
        raise InvalidInputError(f"{name}: the least is more than 0")
    return name, value


Slug = Annotated[str, AfterValidator(told(slug))]
MeasureName = Annotated[str, AfterValidator(told(measure))]
Dimensions = Annotated[tuple[str, ...], AfterValidator(told(dimensions))]
LiveDimensions = Annotated[tuple[str, ...], AfterValidator(told(live_dimensions))]
Where = Annotated[str, BeforeValidator(told(where))]
LiveWhere = Annotated[str, BeforeValidator(told(live_where))]
LabelPairs = Annotated[Labels, BeforeValidator(told(labels))]
Template = Annotated[str, AfterValidator(template)]
AtLeast = Annotated[tuple[str, float], BeforeValidator(told(at_least))]
Flag = Annotated[StrictBool, Field()]
