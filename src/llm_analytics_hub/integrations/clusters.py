"""How good a cluster is, by the features of its members: Euclidean distances throughout."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Vectors = Sequence[Sequence[float]]
"""One row of features for each member; all of one length."""


def centroid(vectors: Vectors) -> list[float]:
    """The mean of every feature."""
    return [float(one) for one in np.mean(vectors, axis=0)]


def cohesion(vectors: Vectors) -> float:
    """1 / (1 + mean distance to the centroid): 1 where all are the same, towards 0 as they spread."""
    distances = np.linalg.norm(np.subtract(vectors, centroid(vectors)), axis=1)
    return float(1 / (1 + distances.mean()))


def silhouette(vectors: Vectors, others: Sequence[Vectors]) -> float:
    """Mean of (b - a) / max(a, b) over the members, -1 to 1.

    a is a member's mean distance to the rest of its cluster, b that to the nearest other cluster.
    Source: Rousseeuw 1987; a cluster of one, and one without another beside it, has 0.
    """
    if len(vectors) < 2 or not others:
        return 0.0
    own = _distances(vectors, vectors).sum(axis=1) / (len(vectors) - 1)
    near = np.min([_distances(vectors, other).mean(axis=1) for other in others], axis=0)
    widest = np.maximum(own, near)
    scores = np.divide(near - own, widest, out=np.zeros_like(widest), where=widest > 0)
    return float(scores.mean())


def _distances(vectors: Vectors, others: Vectors) -> NDArray[np.float64]:
    """Shapes: (n, k), (m, k) -> (n, m)."""
    left, right = np.asarray(vectors, float), np.asarray(others, float)
    gaps: NDArray[np.float64] = np.linalg.norm(left[:, None, :] - right[None, :, :], axis=2)
    return gaps
