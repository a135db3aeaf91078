"""The control store of a hub is opened by what first needs it, once."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from llm_analytics_hub.bootstrap.control import LazyControl
from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.storage.control.opening import FILE, ControlStore, open_control

RULE = DefinitionKind.RULE
IMPORTS = """
import sys
from pathlib import Path
from llm_analytics_hub.bootstrap.stores import control_of, states_of
from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.settings import Settings
settings = Settings(data_dir=Path(sys.argv[1]))
control = control_of(settings, SystemClock())
states, alerts = states_of(settings, control), control.alerts
states.cursor("c")
before = "sqlalchemy" in sys.modules
alerts.places()
control.close()
print(before, "sqlalchemy" in sys.modules)
"""


@pytest.fixture
def opened() -> list[ControlStore]:
    return []


@pytest.fixture
def control(tmp_path: Path, opened: list[ControlStore]) -> Iterator[LazyControl]:
    def open_one() -> ControlStore:
        opened.append(open_control(tmp_path))
        return opened[-1]

    lazy = LazyControl(open_one)
    yield lazy
    lazy.close()


def test_holding_its_alerts_opens_nothing(
    control: LazyControl, opened: list[ControlStore], tmp_path: Path
) -> None:
    control.alerts.close()
    control.close()
    assert opened == []
    assert not (tmp_path / FILE).exists()


@pytest.mark.slow
def test_the_first_calls_open_one_store_for_all_parts(
    control: LazyControl, opened: list[ControlStore]
) -> None:
    alerts = control.alerts
    new = Definition("t", RULE, "one", 0, "{}", "anna", datetime(2025, 11, 18, tzinfo=UTC))
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: alerts.define([new], expected={}), range(4)))
    assert [one.version for one in alerts.definitions(RULE, "t")] == [1]
    control.connectors.keep_cursor("c", "1")
    assert len(opened) == 1


@pytest.mark.slow
def test_closing_the_alerts_leaves_that_to_the_owner(control: LazyControl) -> None:
    alerts = control.alerts
    assert alerts.alerts() == []
    alerts.close()
    assert control.connectors.cursor("c") is None
    control.close()
    control.close()
    with pytest.raises(UnavailableError, match="closed"):
        alerts.alerts()
    with pytest.raises(UnavailableError, match="closed"):
        control.connectors.cursor("c")


@pytest.mark.slow
def test_a_store_that_could_not_be_opened_is_tried_again(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.write_bytes(b"")
    lazy = LazyControl(lambda: open_control(folder))
    with pytest.raises(UnavailableError, match="folder"):
        lazy.alerts.alerts()
    folder.unlink()
    assert lazy.alerts.alerts() == []
    lazy.close()


def test_there_is_no_more_than_the_interface(control: LazyControl) -> None:
    with pytest.raises(AttributeError):
        control.alerts.nonsense  # noqa: B018  # type: ignore[attr-defined]


@pytest.mark.slow
def test_sqlalchemy_is_imported_by_the_first_call(tmp_path: Path) -> None:
    command = [sys.executable, "-c", IMPORTS, tmp_path]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert told.split() == ["False", "True"]
