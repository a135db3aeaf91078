"""Buckets of OTLP histograms as explicit bounds, checked."""

import math
from collections.abc import Sized
from itertools import pairwise
from typing import Any

from llm_analytics_hub.errors import InvalidInputError

Buckets = tuple[tuple[float, ...], tuple[int, ...]]
"""Upper bounds, rising, and one more count than bounds; both empty where none were sent."""

MAX_BUCKETS = 10_000
"""Most buckets of a point; SDKs make 160 at most."""


def explicit_buckets(point: Any) -> Buckets:
    """The buckets of a `HistogramDataPoint`. Raises: InvalidInputError."""
    _check_size(point.bucket_counts)
    bounds, counts = tuple(point.explicit_bounds), tuple(point.bucket_counts)
    if not counts and not bounds:
        return (), ()
    return _checked(bounds, counts, point.count)


def exponential_buckets(point: Any) -> Buckets:
    """The buckets of an `ExponentialHistogramDataPoint`, with their bounds worked out.

    The zero bucket ends at the zero threshold. Raises: InvalidInputError.
    Source: OTLP metrics data model, "Exponential Buckets": bucket i is (base^i, base^(i+1)] with
    base = 2^(2^-scale).
    """
    up, down = point.positive, point.negative
    _check_size(up.bucket_counts)
    _check_size(down.bucket_counts)
    if point.zero_threshold < 0:
        raise _unfit("the zero threshold is below zero")
    try:
        positive = _powers(point.scale, up.offset, len(up.bucket_counts))
        negative = _powers(point.scale, down.offset, len(down.bucket_counts))
    except OverflowError as error:
        raise _unfit("the scale and offset give no finite bounds") from error
    middle = (point.zero_threshold,)
    gap = bool(positive) and positive[0] > point.zero_threshold
    bounds = (*(-bound for bound in reversed(negative)), *middle, *positive[not gap :])
    low = (0, *reversed(down.bucket_counts)) if negative else ()
    high = ((0,) if gap else ()) + tuple(up.bucket_counts)
    return _checked(bounds, (*low, point.zero_count, *high, 0), point.count)


def _powers(scale: int, offset: int, size: int) -> tuple[float, ...]:
    if not size:
        return ()
    step = 2.0**-scale
    return tuple(2.0 ** (index * step) for index in range(offset, offset + size + 1))


def _check_size(counts: Sized) -> None:
    if len(counts) > MAX_BUCKETS:
        raise _unfit(f"{len(counts)} buckets, at most {MAX_BUCKETS} are taken")


def _checked(bounds: tuple[float, ...], counts: tuple[int, ...], count: int) -> Buckets:
    if len(counts) != len(bounds) + 1:
        raise _unfit(f"{len(counts)} bucket counts do not fit {len(bounds)} bounds")
    if not all(map(math.isfinite, bounds)) or any(low >= high for low, high in pairwise(bounds)):
        raise _unfit("the bucket bounds are not finite and rising")
    if sum(counts) != count:
        raise _unfit(f"the bucket counts add up to {sum(counts)}, not to the count {count}")
    return bounds, counts


def _unfit(message: str) -> InvalidInputError:
    return InvalidInputError(message, code="invalid_buckets")
