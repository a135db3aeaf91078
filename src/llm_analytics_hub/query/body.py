"""A question as JSON: its members, their bounds, and the fault of a body that has another shape."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from llm_analytics_hub.errors import InvalidQueryError, about

MAX_DIMENSIONS = 6
MAX_MEASURES = 20
MAX_ROWS = 10_000
MAX_KEPT = 100

Period = Literal[
    "today", "yesterday", "this_week", "last_week", "this_month", "last_month", "this_year",
    "last_year",
]  # fmt: skip
"""A range of the calendar, in the time zone of the question."""

Comparison = Literal[
    "previous_period", "previous_day", "previous_week", "previous_month", "previous_year"
]
"""The range that a question compares with: the one just before, or the same one earlier."""

FilterBody = list[dict[str, Any]] | dict[str, Any]


class TimeRangeBody(BaseModel):
    """Either `from` and `to`, or `last` (`15m`, `24h`, `7d`, `4w`), or a `period` of the calendar."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)
    start: str | float | None = Field(None, alias="from")
    end: str | float | None = Field(None, alias="to")
    last: str | None = Field(None, examples=["24h"])
    period: Period | None = Field(None, examples=["last_month"])


class OrderBody(BaseModel):
    """A column of the answer to sort by."""

    model_config = ConfigDict(extra="forbid")
    field: str
    direction: Literal["asc", "desc"] = "asc"


class TopBody(BaseModel):
    """Keep apart only the values of a dimension that have most of a measure."""

    model_config = ConfigDict(extra="forbid")
    dimension: str
    limit: int = Field(5, ge=1, le=MAX_KEPT)
    by: str | None = Field(None, description="a measure; the first of the question if not given")
    other: bool = Field(True, description="whether all other values are one row, '(other)'")


class QueryBody(BaseModel):
    """A question: measures of the events in a time range, by dimensions, filtered."""

    model_config = ConfigDict(extra="forbid")
    measures: list[str] = Field(
        min_length=1, max_length=MAX_MEASURES, examples=[["requests", "cost_usd"]]
    )
    dimensions: list[str] = Field(default=[], max_length=MAX_DIMENSIONS, examples=[["model"]])
    filters: FilterBody = Field(default=[])
    time_range: TimeRangeBody
    granularity: str | None = Field(None, examples=["hour"])
    time_zone: str = Field("UTC", examples=["Europe/Berlin"])
    order_by: list[OrderBody] = Field(default=[], max_length=10)
    limit: int = Field(1000, ge=1, le=MAX_ROWS)
    having: FilterBody = Field(
        default=[], description="filters on measures of the answer, in the form of `filters`"
    )
    top: TopBody | None = None
    compare: Comparison | None = None
    fill_gaps: bool = Field(
        False, description="a row for every bucket: counts are 0 in it, all else is unknown"
    )


def body_of(given: object) -> QueryBody:
    """A body of the right shape. Raises: InvalidQueryError that names the member."""
    try:
        return QueryBody.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        # Of a union it names the kind, too, which is no member: list[dict[str,any]].
        parts = (str(part) for part in fault["loc"])
        place = ".".join(part for part in parts if part.replace("_", "").isalnum())
        with about(place):
            raise InvalidQueryError(f"{place}: {fault['msg']}") from error
