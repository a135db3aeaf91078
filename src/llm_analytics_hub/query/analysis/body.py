"""An analysis as JSON: a question of measures over time, a method, and the method's options."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.query.analysis.forecast import MOST_STEPS
from llm_analytics_hub.query.body import MAX_DIMENSIONS, FilterBody, TimeRangeBody, TopBody

MOST_LAGS = 200

Share = Annotated[float, Field(ge=0.5, le=0.999)]


class Strict(BaseModel):
    """What a body has no other members than."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SeriesQuery(Strict):
    """A question of one measure over time (two for a correlation): one series per group."""

    measures: list[str] = Field(min_length=1, max_length=2, examples=[["cost_usd"]])
    dimensions: list[str] = Field(default=[], max_length=MAX_DIMENSIONS, examples=[["model"]])
    filters: FilterBody = Field(default=[])
    time_range: TimeRangeBody
    granularity: str = Field(examples=["day"])
    time_zone: str = Field("UTC", examples=["Europe/Berlin"])
    top: TopBody | None = None


class AnomalyOptions(Strict):
    """How far from usual a point must be, in robust standard deviations, and to which side."""

    threshold: float = Field(3.5, gt=0, le=1000)
    direction: Literal["up", "down", "both"] = "both"
    only_anomalies: bool = Field(False, description="leave out the rows that are as usual")


class TrendOptions(Strict):
    """How sure the interval of the slope is."""

    confidence: Share = 0.95


class Until(Strict):
    """What is waited for: that the sum since the start of the range, or a bucket, reaches a value."""

    total: float | None = Field(None, allow_inf_nan=False)
    level: float | None = Field(None, allow_inf_nan=False)

    @model_validator(mode="after")
    def _is_one(self) -> "Until":
        if (self.total is None) == (self.level is None):
            raise ValueError("either `total` or `level`")
        return self


class ForecastOptions(Strict):
    """How far to look ahead, how sure to be, and what is waited for."""

    horizon: int | None = Field(
        None, ge=1, le=MOST_STEPS, description="buckets; a season, or 24, if not given"
    )
    interval: Share = 0.95
    history: bool = Field(False, description="rows of the past, too, with what was expected")
    until: Until | None = None


class CorrelationOptions(Strict):
    """How far one series may follow the other, and what is taken out of both before."""

    lags: int = Field(12, ge=0, le=MOST_LAGS, description="buckets either way")
    raw: bool = Field(False, description="leave trend and season in")
    against: FilterBody | None = Field(
        None, description="filters of the second series instead of the query's, of one measure"
    )


class AnomaliesBody(Strict):
    """Which points of a series are not as usual."""

    method: Literal["anomalies"]
    query: SeriesQuery
    options: AnomalyOptions = AnomalyOptions()


class TrendBody(Strict):
    """Where a series is going, and where its level changed."""

    method: Literal["trend"]
    query: SeriesQuery
    options: TrendOptions = TrendOptions()


class ForecastBody(Strict):
    """What comes next."""

    method: Literal["forecast"]
    query: SeriesQuery
    options: ForecastOptions = ForecastOptions()


class CorrelationBody(Strict):
    """Whether two series move together, and which of them first."""

    method: Literal["correlation"]
    query: SeriesQuery
    options: CorrelationOptions = CorrelationOptions()


AnalyzeBody = Annotated[
    AnomaliesBody | TrendBody | ForecastBody | CorrelationBody, Field(discriminator="method")
]

_ANY: TypeAdapter[AnomaliesBody | TrendBody | ForecastBody | CorrelationBody] = TypeAdapter(
    AnalyzeBody
)


def analysis_of(given: Any) -> AnomaliesBody | TrendBody | ForecastBody | CorrelationBody:
    """A body of the right shape. Raises: InvalidQueryError that names the member."""
    try:
        return _ANY.validate_python(given)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"]) or "the body"
        raise InvalidQueryError(f"{place}: {fault['msg']}") from error
