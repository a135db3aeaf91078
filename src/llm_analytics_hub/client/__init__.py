"""The Python client of a hub: `Hub` waits for its answers, `AsyncHub` is awaited.

It speaks HTTP only, and is light: no engine and no server is imported, and pyarrow no sooner than
an answer is wanted as columns. Both classes have one source: `requests` says what is sent,
`answers` and `lists` what comes back, `exchange` when to try again; `sync` and `aio` only carry.
"""

from llm_analytics_hub.client.aio import AsyncHub
from llm_analytics_hub.client.answers import Answer, Receipt, Rejection
from llm_analytics_hub.client.columns import Column
from llm_analytics_hub.client.filters import F, Filter
from llm_analytics_hub.client.sync import Hub
from llm_analytics_hub.client.watch import Frame, Missed

__all__ = [
    "Answer", "AsyncHub", "Column", "F", "Filter", "Frame", "Hub", "Missed", "Receipt", "Rejection",
]  # fmt: skip
