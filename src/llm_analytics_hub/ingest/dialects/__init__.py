"""Dialects of GenAI spans: one small table each, and the reader that all share.

To add one: write its table in a file of its own and name it in `DIALECTS`, before any dialect
whose markers its spans also carry.
"""

from llm_analytics_hub.ingest.dialects.anthropic import ANTHROPIC, CLAUDE_CODE
from llm_analytics_hub.ingest.dialects.codex import CODEX, CODEX_CALL
from llm_analytics_hub.ingest.dialects.dialect import Dialect
from llm_analytics_hub.ingest.dialects.google import GEMINI_CLI, GOOGLE_ADK
from llm_analytics_hub.ingest.dialects.laminar import LAMINAR
from llm_analytics_hub.ingest.dialects.langfuse import LANGFUSE
from llm_analytics_hub.ingest.dialects.langsmith import LANGSMITH
from llm_analytics_hub.ingest.dialects.litellm import LITELLM
from llm_analytics_hub.ingest.dialects.logfire import LOGFIRE, LOGFIRE_OPENING
from llm_analytics_hub.ingest.dialects.microsoft import (
    AGENT_FRAMEWORK,
    AUTOGEN,
    AZURE_AI_INFERENCE,
    SEMANTIC_KERNEL,
)
from llm_analytics_hub.ingest.dialects.mlflow import MLFLOW
from llm_analytics_hub.ingest.dialects.observatory import OBSERVATORY
from llm_analytics_hub.ingest.dialects.openinference import LLAMA_INDEX_STEP, OPENINFERENCE
from llm_analytics_hub.ingest.dialects.openlit import OPENLIT
from llm_analytics_hub.ingest.dialects.otel_genai import OTEL_GENAI
from llm_analytics_hub.ingest.dialects.plain import PLAIN
from llm_analytics_hub.ingest.dialects.pydantic_ai import PYDANTIC_AI
from llm_analytics_hub.ingest.dialects.strands import STRANDS
from llm_analytics_hub.ingest.dialects.traceloop import TRACELOOP
from llm_analytics_hub.ingest.dialects.vercel_ai import (
    VERCEL_AI,
    VERCEL_AI_6,
    VERCEL_AI_7,
    VERCEL_AI_7_EMBED,
)

DIALECTS: tuple[Dialect, ...] = (
    LLAMA_INDEX_STEP,
    OPENINFERENCE,
    LANGFUSE,
    VERCEL_AI_7_EMBED,
    VERCEL_AI_7,
    VERCEL_AI_6,
    VERCEL_AI,
    MLFLOW,
    CLAUDE_CODE,
    CODEX_CALL,
    CODEX,
    ANTHROPIC,
    LITELLM,
    LANGSMITH,
    LOGFIRE_OPENING,
    LOGFIRE,
    PYDANTIC_AI,
    STRANDS,
    AGENT_FRAMEWORK,
    SEMANTIC_KERNEL,
    AUTOGEN,
    AZURE_AI_INFERENCE,
    GOOGLE_ADK,
    GEMINI_CLI,
    OPENLIT,
    LAMINAR,
    TRACELOOP,
    OTEL_GENAI,
    OBSERVATORY,
    PLAIN,
)
