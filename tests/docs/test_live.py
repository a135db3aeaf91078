"""The examples of `docs/live.md` run, in their order, on a hub of their own."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.system.conftest import HubProcess

PAGE = (Path(__file__).parents[2] / "docs" / "live.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubProcess]:
    one = HubProcess(tmp_path_factory.mktemp("live") / "data")
    yield one
    one.close()


@pytest.mark.slow
@pytest.mark.system
def test_the_examples_run(hub: HubProcess, capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    known: dict[str, Any] = {"__name__": "page"}
    for block in blocks("python"):
        host = hub.url.removeprefix("http://")
        exec(block.replace("127.0.0.1:8080", host), known)  # noqa: S102 - our own page
        said.append(capsys.readouterr().out)
    assert said == ["", "live-1 1500.0\nlive-2 3000.0\n", "[]\n"]
    assert isinstance(known["place"], str)


def test_the_frames_are_json() -> None:
    (frames,) = blocks("json")
    kinds = [set(json.loads(line)) for line in frames.splitlines()]
    assert kinds == [{"events", "cursor"}, {"missed", "at_most", "cursor"}, {"heartbeat", "cursor"}]


@pytest.mark.slow
@pytest.mark.system
def test_the_words_of_the_terminal_are_options(hub: HubProcess) -> None:
    from typer import Typer
    from typer.testing import CliRunner

    from llm_analytics_hub.cli.commands import register

    app = Typer()
    register(app)
    helped = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["tail", "--help"]).stdout
    (sh,) = blocks("sh")
    for flag in re.findall(r"analytics-hub tail .*", sh):
        assert all(name in helped for name in re.findall(r"--[a-z]+", flag))
    (query,) = re.findall(r"stream\?(.*)'", sh)
    with hub.client.stream("GET", f"/api/v1/stream?{query}") as answer:
        assert answer.status_code == 200


def test_the_subscription_is_one_of_the_schema() -> None:
    from graphql import parse, validate

    from llm_analytics_hub.api.graphql.schema import HubSchema

    (document,) = blocks("graphql")
    assert validate(HubSchema()._schema, parse(document)) == []
