"""What can be asked, as JSON."""

from typing import Any, get_args

from llm_analytics_hub.model.aggregate import in_words
from llm_analytics_hub.model.buckets import GRANULARITIES
from llm_analytics_hub.model.catalogue import (
    ASSET_DIMENSIONS,
    MEASURES,
    PATH_DIMENSIONS,
    TEXT_DIMENSIONS,
)
from llm_analytics_hub.model.measures import Measure
from llm_analytics_hub.model.query import Op
from llm_analytics_hub.model.rollup import ROLLUPS
from llm_analytics_hub.query.body import Comparison, Period


def catalog() -> dict[str, Any]:
    """Measures with their units, how they are made and which rollups have them; all else to ask by."""
    return {
        "measures": [_measure(one) for one in MEASURES.values()],
        "dimensions": [*sorted(TEXT_DIMENSIONS), *ASSET_DIMENSIONS, *PATH_DIMENSIONS],
        "granularities": list(GRANULARITIES),
        "operators": list(Op),
        "periods": list(get_args(Period)),
        "comparisons": list(get_args(Comparison)),
    }


def _measure(one: Measure) -> dict[str, Any]:
    return {
        "name": one.name,
        "type": one.type,
        "unit": one.unit,
        "means": one.means,
        "aggregates": in_words(one.aggregate),
        "rollups": [rollup.table for rollup in ROLLUPS if rollup.has(one.aggregate)],
    }
