"""The stores of a hub: of events, and of what its connectors remember."""

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.settings import Settings
from llm_analytics_hub.storage.clickhouse.applier import ApplyLimits
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.connector_states import ConnectorStates
from llm_analytics_hub.storage.memory_control import MemoryControlStore


def open_store(settings: Settings) -> ClickHouseStore:
    """The event store of `settings`. Raises: ConflictError, SettingsError for a folder that is none."""
    chosen = settings.storage
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"data_dir: {error.strerror}: {settings.data_dir}") from error
    return ClickHouseStore(
        settings.data_dir,
        limits=ApplyLimits(
            chosen.block_rows, after=chosen.apply_after, waiting_rows=chosen.waiting_rows
        ),
        sync=chosen.sync,
        readers=chosen.readers,
        query_seconds=chosen.query_seconds,
        memory_bytes=chosen.memory_bytes,
    )


def open_states(settings: Settings, clock: Clock) -> ConnectorStates:
    """The memory of the connectors; a hub that has none needs no file for it."""
    if not settings.connectors:
        return MemoryControlStore()
    # A quarter of a second of imports.
    from llm_analytics_hub.storage.control.opening import open_control

    return open_control(settings.data_dir, clock, sync=settings.storage.sync)
