"""The Python client, waiting and awaited, the command line, and the service itself."""

import asyncio
import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from typer.testing import CliRunner

from llm_analytics_hub.cli.main import app
from llm_analytics_hub.client import Answer, AsyncHub
from llm_analytics_hub.client import Hub as HubClient
from llm_analytics_hub.query.service import QueryService

from .door import Body, Door, Told, from_text, told_of_json
from .http_doors import decoded, table_rows
from .short_form import words_of


@dataclass(frozen=True)
class InProcess:
    """`QueryService`, as the page and the reports ask it."""

    queries: QueryService
    name: str = "in process"

    def takes(self, body: Body) -> bool:
        return True

    def ask(self, tenant: str, body: Body) -> Told:
        answered = self.queries.answer(body, tenant=tenant, door="test")
        columns = [(one["name"], one["type"], one.get("unit")) for one in answered.columns]
        rows = table_rows(answered.rows)  # the stores' word for unknown text is ""
        return Told([tuple(None if cell == "" else cell for cell in row) for row in rows], columns)


@dataclass(frozen=True)
class Client:
    """`Hub.query`."""

    connect: Callable[[str], HubClient]
    name: str = "client"

    def takes(self, body: Body) -> bool:
        return True

    def ask(self, tenant: str, body: Body) -> Told:
        return _of_client(self.connect(tenant).query(**body))


@dataclass(frozen=True)
class AsyncClient:
    """`AsyncHub.query`."""

    connect: Callable[[str], AsyncHub]
    runner: asyncio.Runner
    name: str = "async client"

    def takes(self, body: Body) -> bool:
        return True

    def ask(self, tenant: str, body: Body) -> Told:
        return self.runner.run(self._ask(tenant, body))

    async def _ask(self, tenant: str, body: Body) -> Told:
        return _of_client(await self.connect(tenant).query(**body))


def _of_client(answer: Answer) -> Told:
    columns = [(one.name, one.type, one.unit) for one in answer.columns]
    return Told(list(answer.rows), columns)


@dataclass(frozen=True)
class CommandLine:
    """`analytics-hub query`, by an address or by the folder of a hub that is closed.

    CSV names no types: `typed` tells them.
    """

    where: Sequence[str]
    typed: Door
    form: str = "json"

    @property
    def name(self) -> str:
        return f"CLI, {self.form}"

    def takes(self, body: Body) -> bool:
        return words_of(body) is not None

    def ask(self, tenant: str, body: Body) -> Told:
        words = words_of(body)
        assert words is not None
        text = self._run(tenant, words)
        if self.form == "json":
            told = decoded(text)
            return told_of_json(told["columns"], told["rows"])
        kinds = [kind for _, kind, _ in self.typed.ask(tenant, body).columns or ()]
        _, *rows = csv.reader(io.StringIO(text, newline=""))
        return Told([tuple(map(from_text, kinds, row)) for row in rows])

    def _run(self, tenant: str, words: Mapping[str, Sequence[str]]) -> str:
        asked = ["query", *_options(words), "--tenant", tenant, "--format", self.form, *self.where]
        result = CliRunner().invoke(app, asked)
        assert result.exit_code == 0, result.output
        return result.stdout


_OPTIONS = {"measures": "measure", "dimensions": "by"}


def _options(words: Mapping[str, Sequence[Any]]) -> list[str]:
    given = {name: texts for name, texts in words.items() if name != "fill_gaps"}
    options = [
        f"--{_OPTIONS.get(name, name).replace('_', '-')}={text}"
        for name, texts in given.items()
        for text in texts
    ]
    return [*options, "--fill-gaps"] if "fill_gaps" in words else options
