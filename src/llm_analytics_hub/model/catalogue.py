"""The catalogue: what can be asked for, and by what."""

from collections.abc import Mapping

from llm_analytics_hub.model.event import MEASURE_FIELDS, MONEY_FIELDS, TEXT_FIELDS, TOKEN_FIELDS
from llm_analytics_hub.model.measures import ALL_MEASURES, Measure

MEASURES: Mapping[str, Measure] = {measure.name: measure for measure in ALL_MEASURES}

TEXT_DIMENSIONS = frozenset(TEXT_FIELDS) | {"cost_currency", "price_id", "unit", "tenant"}
INGEST_LAG = "ingest_lag_ms"
"""Milliseconds from when an event occurred until it was received: a number every event has."""

NUMBER_FIELDS = frozenset((*MEASURE_FIELDS, *TOKEN_FIELDS, *MONEY_FIELDS, INGEST_LAG))
ATTRIBUTE_PREFIX = "attributes."
ASSET_PREFIX = "asset."
ASSET_DIMENSIONS: Mapping[str, str] = {
    "asset.name": "name",
    "asset.type": "asset_type",
    "asset.category": "category",
    "asset.status": "status",
    "asset.owner": "owner",
    "asset.version": "version",
    "asset.license": "license",
    "asset.tags": "tags",
    "asset.content_type": "content_type",
    "asset.storage_backend": "storage_backend",
}
"""What the registry knows of an event's asset now, by the member of the whole asset that says it."""

METADATA_PREFIX = "asset.metadata."
"""The start of a path into what people noted beside an asset: its annotations."""

PATH_DIMENSIONS = ("asset.metadata.<path>", "attributes.<path>")
"""Dimensions that are places in JSON, as people are told of them."""
