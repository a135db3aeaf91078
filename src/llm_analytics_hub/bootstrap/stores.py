"""The stores of a hub: of events, and of what its connectors and its alerts remember."""

from typing import TYPE_CHECKING

from llm_analytics_hub.bootstrap.control import LazyControl
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import SettingsError
from llm_analytics_hub.settings import Settings
from llm_analytics_hub.storage.clickhouse.applier import ApplyLimits
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.connector_states import ConnectorStates
from llm_analytics_hub.storage.memory_control import MemoryControlStore

if TYPE_CHECKING:
    from llm_analytics_hub.storage.control.opening import ControlStore


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


def control_of(settings: Settings, clock: Clock) -> LazyControl:
    """What the hub of `settings` remembers beside events; nothing is opened yet."""

    def opened() -> "ControlStore":
        # A quarter of a second of imports.
        from llm_analytics_hub.storage.control.opening import open_control

        return open_control(settings.data_dir, clock, sync=settings.storage.sync)

    return LazyControl(opened)


def states_of(settings: Settings, control: LazyControl) -> ConnectorStates:
    """The memory of the connectors; a hub that has none needs no file for it."""
    return control.connectors if settings.connectors else MemoryControlStore()
