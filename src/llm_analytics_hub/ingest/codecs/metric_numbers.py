"""The numbers of an OTLP metric point, checked."""

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.ingest.codecs.metric_buckets import explicit_buckets, exponential_buckets
from llm_analytics_hub.ingest.metric_point import Instrument, Numbers


def to_numbers(instrument: Instrument, point: Any) -> Numbers:
    """What a point says. Raises: InvalidInputError for numbers that no such point can have.

    Source: OTLP metrics data model, "Sums", "Histogram", "Summary".
    """
    numbers = _NUMBERS[instrument.kind](point)
    said = (numbers.value, numbers.min, numbers.max, *numbers.levels)
    if not all(number is None or math.isfinite(number) for number in said):
        raise InvalidInputError("a number of the point is NaN or infinite", code="not_finite")
    if instrument.is_monotonic and (numbers.value or 0.0) < 0:
        raise InvalidInputError("a sum that only rises is below zero", code="negative_value")
    if not all(0 <= level <= 1 for level in numbers.levels):
        raise InvalidInputError("a quantile is not from 0 to 1", code="invalid_quantile")
    return numbers


def _number(point: Any) -> Numbers:
    kind = point.WhichOneof("value")
    if kind is None:
        raise InvalidInputError("the point has no value", code="missing_value")
    return Numbers(float(getattr(point, kind)))


def _distribution(point: Any) -> Numbers:
    total, low, high = (
        getattr(point, name) if point.HasField(name) else None for name in ("sum", "min", "max")
    )
    exponential = hasattr(point, "scale")
    bounds, buckets = exponential_buckets(point) if exponential else explicit_buckets(point)
    return Numbers(total, point.count, low, high, bounds, buckets)


def _summary(point: Any) -> Numbers:
    # A quantile of nothing is NaN: left out, it is not the point's fault.
    known = [at for at in point.quantile_values if math.isfinite(at.value)]
    levels = tuple(at.quantile for at in known)
    return Numbers(point.sum, point.count, levels=levels, quantiles=tuple(at.value for at in known))


_NUMBERS: Final[Mapping[str, Callable[[Any], Numbers]]] = {
    "sum": _number,
    "gauge": _number,
    "histogram": _distribution,
    "exponential_histogram": _distribution,
    "summary": _summary,
}
