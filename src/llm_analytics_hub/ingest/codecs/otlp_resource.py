"""The resource of OTLP signals: who sent them."""

from llm_analytics_hub.ingest.dialects.span import Resource

RESOURCE_COLUMNS = {
    "service.name": "service",
    "deployment.environment.name": "environment",
    "deployment.environment": "environment",
    "cloud.region": "region",
}


def to_resource(attributes: dict[str, object]) -> Resource:
    """The canonical columns that a resource names, and the rest of it."""
    columns: dict[str, object] = {}
    rest = dict(attributes)
    for key, name in RESOURCE_COLUMNS.items():
        value = attributes.get(key)
        if isinstance(value, str) and value and name not in columns:
            columns[name] = value
            del rest[key]
    if str(columns.get("service", "")).startswith("unknown_service"):
        rest["service.name"] = columns.pop("service")  # the SDKs' word for "not configured"
    return Resource(columns, rest)
