"""LiteLLM's OpenTelemetry callback.

Source: recorded exports. The details of usage are the `repr` of a Python dict; the provider of an
embedding is empty, its model's name says it. Sessions are not exported.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI
from llm_analytics_hub.ingest.dialects.usage_objects import DETAILS, members_of

LITELLM = replace(
    OTEL_GENAI,
    name="litellm",
    versions=(("1", ""),),
    scopes=("litellm",),
    marker_prefixes=(),
    columns={
        **COLUMNS,
        **members_of("metadata.usage_object", DETAILS),
        "llm.user": "user_id",
        "metadata.user_api_key_end_user_id": "user_id",
        "metadata.user_api_key_user_id": "user_id",
        "litellm.provider.model": "request_model",
    },
)
