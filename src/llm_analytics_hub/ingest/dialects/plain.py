"""Any other span: no model call that the hub could recognise, still part of its trace."""

from llm_analytics_hub.ingest.dialects import shared
from llm_analytics_hub.ingest.dialects.dialect import Dialect

PLAIN = Dialect(
    name="plain",
    columns=shared.COLUMNS,
    content=shared.CONTENT,
    content_prefixes=shared.CONTENT_PREFIXES,
)
