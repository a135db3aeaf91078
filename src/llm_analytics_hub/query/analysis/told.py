"""What a method tells: columns, rows, and the method in words."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from llm_analytics_hub.model.measures import Measure
from llm_analytics_hub.query.analysis.numbers import to_json
from llm_analytics_hub.query.analysis.season import Season
from llm_analytics_hub.query.analysis.series import Buckets, Group, Series

Column = dict[str, str]
Row = list[Any]

BEYOND_DOUBLES = np.errstate(over="ignore", invalid="ignore")
"""What is too large for a double becomes infinite without a word, and null in the answer."""

SIGNIFICANT = 0.05
"""A p-value below it is called significant in words."""


@dataclass(frozen=True)
class Asked:
    """What a method is given: series of a measure over buckets, by dimensions."""

    buckets: Buckets
    dimensions: tuple[str, ...]
    measure: Measure
    series: tuple[Series, ...]

    @property
    def group_columns(self) -> list[Column]:
        """The columns of the dimensions."""
        return [{"name": name, "type": "string"} for name in self.dimensions]

    def named(self, group: Group) -> dict[str, str | None]:
        """A group as JSON: the value of each dimension."""
        return dict(zip(self.dimensions, group, strict=True))


@dataclass
class Told:
    """The rows of a method, how it came to them, and what to know of them."""

    columns: list[Column]
    method: dict[str, Any]
    rows: list[Row] = field(default_factory=list)
    series: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def note(self, text: str) -> None:
        """Add a note, once."""
        if text not in self.notes:
            self.notes.append(text)


def column(name: str, kind: str, unit: str | None = None) -> Column:
    """A column of an answer."""
    return {"name": name, "type": kind, **({"unit": unit} if unit else {})}


def time_text(moment: datetime) -> str:
    """A moment as an answer has it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def season_found(season: Season | None) -> dict[str, Any]:
    """The season of a series as JSON; null where it has none."""
    length = None if season is None else season.length
    return {"season": None if season is None else season.name, "season_buckets": length}


def group_name(asked: Asked, group: Group) -> str:
    """The group in a sentence; empty without dimensions."""
    parts = [f"{name} {value or 'unknown'}" for name, value in asked.named(group).items()]
    return ", ".join(parts)


def numbers(values: Sequence[float]) -> Row:
    """Numbers as JSON; unknown is null."""
    return [to_json(value) for value in values]
