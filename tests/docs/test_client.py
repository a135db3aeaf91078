"""The examples of `docs/client.md` run, in their order, on a hub of their own."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.system.conftest import HubProcess

PAGE = Path(__file__).parents[2] / "docs" / "client.md"
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    one = HubProcess(tmp_path_factory.mktemp("client") / "data")
    yield one
    one.close()


@pytest.mark.slow
@pytest.mark.system
def test_the_examples_run(
    hub: HubProcess,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    said: list[str] = []
    known: dict[str, Any] = {"__name__": "page"}
    for block in BLOCKS:
        exec(block.replace("http://127.0.0.1:8080", hub.url), known)  # noqa: S102 - our own page
        said.append(capsys.readouterr().out)
    known["hub"].close()
    assert len(BLOCKS) >= 9
    assert said[1].startswith("1 0\n1 invalid_timestamp ")
    assert "Decimal('0.0042')" in said[5] or "0.0042" in said[5]
    assert (tmp_path / "models.csv").read_text() == "model,requests\ngpt-4o,1\n"
    assert "[(1,)]" in said[7]
    assert "call-1" in said[7]
    assert said[8].startswith("invalid_")
