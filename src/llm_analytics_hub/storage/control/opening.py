"""Opens the control store; what only costs import time is imported when one is opened."""

from dataclasses import dataclass
from pathlib import Path

from llm_analytics_hub.clock import Clock, SystemClock
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.storage.alert_store import AlertStore
from llm_analytics_hub.storage.connector_states import ConnectorStates

FILE = "control.db"

_BUSY_SECONDS = 5
"""How long a call waits for another process that writes the file."""


@dataclass(frozen=True)
class ControlStore:
    """What a hub remembers beside events, in one database; each part may be closed alone."""

    connectors: ConnectorStates
    alerts: AlertStore

    def close(self) -> None:
        """Close all parts, and with the last the database. Idempotent."""
        self.connectors.close()
        self.alerts.close()


def open_control(data_dir: Path, clock: Clock | None = None, *, sync: bool = False) -> ControlStore:
    """The control store in `data_dir`, made or brought to the present schema.

    With `sync`, what was written survives loss of power, too; without, kill -9.
    Raises: UnavailableError (the file cannot be read or written, or is damaged); ConflictError (a
    newer program wrote it).
    """
    from sqlalchemy import URL

    try:
        data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UnavailableError(f"{data_dir}: {error.strerror}") from error
    file = str((data_dir / FILE).absolute())
    url = URL.create("sqlite", database=file, query={"timeout": str(_BUSY_SECONDS)})
    return open_control_url(url.render_as_string(hide_password=False), clock, sync=sync)


def open_control_url(url: str, clock: Clock | None = None, *, sync: bool = False) -> ControlStore:
    """The control store at `url` (`sqlite:///FILE`, `postgresql+psycopg://…`), as `open_control`.

    `sync` is a matter of SQLite's; a server has its own setting.
    Raises: as `open_control`; SettingsError for a URL of neither.
    """
    from llm_analytics_hub.storage.control.alert_store import SqlAlertStore
    from llm_analytics_hub.storage.control.connect import control_engine
    from llm_analytics_hub.storage.control.migrate import migrate
    from llm_analytics_hub.storage.control.store import SqlControlStore

    engine = control_engine(url, sync=sync)
    try:
        migrate(engine)
    except BaseException:
        engine.dispose()
        raise
    return ControlStore(SqlControlStore(engine, clock or SystemClock()), SqlAlertStore(engine))
