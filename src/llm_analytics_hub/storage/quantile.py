"""Quantiles out of histogram buckets, by linear interpolation."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

Histogram = tuple[Sequence[float], Sequence[int]]
"""Upper bounds, rising, and one more count than bounds."""


def quantile(level: float, histograms: Iterable[Histogram]) -> float | None:
    """The value below which the share `level` of everything counted lies; None for nothing.

    Within a bucket values are taken to be spread evenly. The lowest bucket starts at 0 if its bound
    is positive, else the answer is that bound; beyond the highest bound the answer is that bound.
    Histograms of different bounds are added as the curves they are.
    Source: Prometheus, `histogram_quantile()` of classic histograms.
    """
    counted = [one for one in histograms if one[0] and sum(one[1])]
    rank = level * sum(sum(counts) for _, counts in counted)
    edges = sorted({edge for bounds, _ in counted for edge in _edges(bounds)})
    if not edges:
        return None
    below = [sum(_below(edge, one) for one in counted) for edge in edges]
    if rank <= below[0]:
        return edges[0]
    for (low, high), (before, after) in zip(pairwise(edges), pairwise(below), strict=True):
        if before < after and rank <= after:
            return low + (high - low) * (rank - before) / (after - before)
    return edges[-1]


def _edges(bounds: Sequence[float]) -> Sequence[float]:
    return [0.0, *bounds] if bounds[0] > 0 else bounds


def _below(edge: float, histogram: Histogram) -> float:
    """How much of `histogram` lies at or below `edge`."""
    bounds, counts = histogram
    lower = 0.0 if bounds[0] > 0 else bounds[0]
    total = 0.0
    for upper, count in zip(bounds, counts, strict=False):
        if edge >= upper:
            total += count
        elif edge > lower:
            return total + count * (edge - lower) / (upper - lower)
        else:
            return total
        lower = upper
    return total
