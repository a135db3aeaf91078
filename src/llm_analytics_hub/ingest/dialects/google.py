"""Google's Agent Development Kit and the command line built on it: the GenAI conventions.

Source: recorded exports. Output includes the thoughts. The one span of Gemini CLI has no usage;
its calls are log records, so it is no model call.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI

AGENT = "gcp.vertex.agent"

GOOGLE_ADK = replace(
    OTEL_GENAI,
    name="google-adk",
    scopes=(AGENT,),
    marker_prefixes=(f"{AGENT}.",),
    columns={**COLUMNS, f"{AGENT}.session_id": "session_id"},
    content={
        f"{AGENT}.llm_request": "request",
        f"{AGENT}.llm_response": "response",
        f"{AGENT}.tool_call_args": "tool_arguments",
        f"{AGENT}.tool_response": "tool_result",
        f"{AGENT}.data": "data",
        **shared.CONTENT,
    },
)

GEMINI_CLI = replace(
    OTEL_GENAI,
    name="gemini-cli",
    versions=(("1", ""),),
    scopes=("gemini-cli",),
    marker_prefixes=(),
    operations={"llm_call": "llm_call"},
)
