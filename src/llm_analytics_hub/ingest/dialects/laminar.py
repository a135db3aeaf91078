"""Laminar (`lmnr`): the keys of old OpenLLMetry beside its own `lmnr.*`.

Source: recorded exports. Input tokens include the cache, Anthropic's too. That a call makes
embeddings is said in the name of its span only.
"""

from dataclasses import replace

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.dialect import SPAN_NAME
from llm_analytics_hub.ingest.dialects.otel_genai import COLUMNS, OTEL_GENAI

PROPERTIES = "lmnr.association.properties"

LAMINAR = replace(
    OTEL_GENAI,
    name="laminar",
    versions=(("1", ""),),
    scopes=("lmnr",),
    marker_prefixes=("lmnr.span.",),
    operation_keys=(SPAN_NAME, "gen_ai.operation.name", "llm.request.type", "lmnr.span.type"),
    operations={
        "openai.embeddings": "embeddings",
        "cohere.embed": "embeddings",
        "llm": "chat",
        "tool": "execute_tool",
        "default": "span",
    },
    columns={
        f"{PROPERTIES}.user_id": "user_id",
        f"{PROPERTIES}.session_id": "session_id",
        **COLUMNS,
        "llm.user": "user_id",
        "gen_ai.output.messages#0.finish_reason": "finish_reasons",
        "gen_ai.output.messages#0.stop_reason": "finish_reasons",
    },
    content={"lmnr.span.input": "input", "lmnr.span.output": "output", **shared.CONTENT},
    first_token_events=frozenset({"llm.content.completion.chunk"}),
)
