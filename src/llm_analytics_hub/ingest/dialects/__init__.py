"""Dialects of GenAI spans: one small table each, and the reader that all share.

To add one: write its table in a file of its own and name it in `DIALECTS`, before any dialect
whose markers its spans also carry.
"""

from llm_analytics_hub.ingest.dialects.dialect import Dialect
from llm_analytics_hub.ingest.dialects.observatory import OBSERVATORY
from llm_analytics_hub.ingest.dialects.openinference import OPENINFERENCE
from llm_analytics_hub.ingest.dialects.openlit import OPENLIT
from llm_analytics_hub.ingest.dialects.otel_genai import OTEL_GENAI
from llm_analytics_hub.ingest.dialects.plain import PLAIN
from llm_analytics_hub.ingest.dialects.traceloop import TRACELOOP

DIALECTS: tuple[Dialect, ...] = (
    OPENINFERENCE,
    TRACELOOP,
    OPENLIT,
    OTEL_GENAI,
    OBSERVATORY,
    PLAIN,
)
