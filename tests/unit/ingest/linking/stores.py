"""Stores for tests of what happens when nothing could be stored."""

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.storage.interface import WriteSet
from llm_analytics_hub.storage.memory import MemoryStore


class FailingStore(MemoryStore):
    """A store that is away for as long as it is told to be."""

    is_away = False

    def write(self, rows: WriteSet, /) -> None:
        if self.is_away:
            raise UnavailableError("away")
        super().write(rows)
