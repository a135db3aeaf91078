"""The doors on HTTP: REST with its forms of answer, GraphQL, SQL."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq

from .door import Body, Cell, Told, exactly, from_text, told_of_json
from .questions import IN_SQL, QUESTIONS
from .short_form import words_of

QUERY = "/api/v1/query"


def decoded(text: str) -> Any:
    """JSON with its numbers as exact as they were written."""
    return json.loads(text, parse_float=Decimal)


def found(answer: httpx.Response) -> httpx.Response:
    """`answer`, which is one."""
    assert answer.status_code == 200, answer.text
    return answer


@dataclass(frozen=True)
class RestPost:
    """`POST /api/v1/query`."""

    http: httpx.Client
    name: str = "REST"

    def takes(self, body: Body) -> bool:
        return True

    def ask(self, tenant: str, body: Body) -> Told:
        answer = self.http.post(QUERY, json=body, headers={"x-tenant": tenant})
        told = decoded(found(answer).text)
        return told_of_json(told["columns"], told["rows"])


@dataclass(frozen=True)
class RestGet:
    """`GET /api/v1/query`."""

    http: httpx.Client
    name: str = "REST, GET"

    def takes(self, body: Body) -> bool:
        return words_of(body) is not None

    def ask(self, tenant: str, body: Body) -> Told:
        words = words_of(body)
        assert words is not None
        told = decoded(found(self.http.get(QUERY, params=words, headers={"x-tenant": tenant})).text)
        return told_of_json(told["columns"], told["rows"])


Read = Callable[[bytes, Sequence[str]], list[tuple[Cell, ...]]]


@dataclass(frozen=True)
class RestFile:
    """`POST /api/v1/query` for a file of rows, in one of the formats."""

    http: httpx.Client
    form: str
    read: Read

    @property
    def name(self) -> str:
        return f"REST, {self.form}"

    def takes(self, body: Body) -> bool:
        return True

    def ask(self, tenant: str, body: Body) -> Told:
        headers = {"x-tenant": tenant}
        kinds = [kind for _, kind, _ in RestPost(self.http).ask(tenant, body).columns or ()]
        answer = self.http.post(f"{QUERY}?format={self.form}", json=body, headers=headers)
        return Told(self.read(found(answer).content, kinds))


def arrow_rows(content: bytes, _: Sequence[str]) -> list[tuple[Cell, ...]]:
    """Rows of an Arrow stream."""
    return table_rows(pa.ipc.open_stream(content).read_all())


def table_rows(table: pa.Table) -> list[tuple[Cell, ...]]:
    """Rows of a table; times are aware, UTC."""
    columns = [column.to_pylist() for column in table.columns]
    moments = [pa.types.is_timestamp(column.type) for column in table.columns]
    return [
        tuple(v.replace(tzinfo=UTC) if at and v else v for v, at in zip(row, moments, strict=True))
        for row in zip(*columns, strict=True)
    ]


def csv_rows(content: bytes, kinds: Sequence[str]) -> list[tuple[Cell, ...]]:
    """Rows of CSV behind its header; texts that a spreadsheet might run have an apostrophe more."""
    _, *rows = csv.reader(io.StringIO(content.decode(), newline=""))
    rows = [[text.removeprefix("'") for text in row] for row in rows]
    return [tuple(map(from_text, kinds, row)) for row in rows]


def json_rows(content: bytes, kinds: Sequence[str]) -> list[tuple[Cell, ...]]:
    """Rows of JSON lines, whose decimals are texts."""
    rows = [decoded(line) for line in content.decode().splitlines()]
    return [tuple(map(_told_in_lines, kinds, row.values())) for row in rows]


def _told_in_lines(kind: str, value: Any) -> Cell:
    return exactly(kind, Decimal(value) if kind == "decimal" and value is not None else value)


def parquet_rows(content: bytes, _: Sequence[str]) -> list[tuple[Cell, ...]]:
    """Rows of a Parquet file."""
    return table_rows(pq.read_table(io.BytesIO(content)))


FILES: Mapping[str, Read] = {
    "csv": csv_rows, "jsonl": json_rows, "arrow": arrow_rows, "parquet": parquet_rows,
}  # fmt: skip

_DOCUMENT = """query ($q: QueryInput!) {
    query(question: $q) { columns { name type unit } rows } }"""
_CAMEL = {"time_range": "timeRange", "time_zone": "timeZone", "order_by": "orderBy", "fill_gaps": "fillGaps"}  # fmt: skip


@dataclass(frozen=True)
class Graphql:
    """`POST /api/v1/graphql`."""

    http: httpx.Client
    name: str = "GraphQL"

    def takes(self, body: Body) -> bool:
        return True

    def ask(self, tenant: str, body: Body) -> Told:
        question = {_CAMEL.get(name, name): value for name, value in body.items()}
        asked = {"query": _DOCUMENT, "variables": {"q": question}}
        answer = self.http.post("/api/v1/graphql", json=asked, headers={"x-tenant": tenant})
        told = decoded(found(answer).text)
        assert "errors" not in told, told["errors"]
        return told_of_json(told["data"]["query"]["columns"], told["data"]["query"]["rows"])


@dataclass(frozen=True)
class Sql:
    """`POST /api/v1/sql`, for the questions that are written in SQL, too."""

    http: httpx.Client
    name: str = "SQL"

    def takes(self, body: Body) -> bool:
        return any(QUESTIONS[name] == body for name in IN_SQL)

    def ask(self, tenant: str, body: Body) -> Told:
        (text,) = (IN_SQL[name] for name in IN_SQL if QUESTIONS[name] == body)
        answer = self.http.post("/api/v1/sql", json={"sql": text}, headers={"x-tenant": tenant})
        told = decoded(found(answer).text)
        rows = told_of_json(told["columns"], told["rows"]).rows
        return Told([tuple(None if cell == "" else cell for cell in row) for row in rows])


def http_doors(http: httpx.Client) -> list[RestPost | RestGet | RestFile | Graphql | Sql]:
    """All of them."""
    files = [RestFile(http, form, read) for form, read in FILES.items()]
    return [RestPost(http), RestGet(http), *files, Graphql(http), Sql(http)]
