"""No statement shows a row of another tenant, or anything of the machine (`hostile_sql.py`)."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.errors import InvalidQueryError
from llm_analytics_hub.model.asset import ASSET_FACT_SCHEMA
from llm_analytics_hub.storage.clickhouse import sql_reader
from llm_analytics_hub.storage.clickhouse.applier import ApplyLimits
from llm_analytics_hub.storage.clickhouse.sql_reader import ClickHouseSql, SqlLimits
from llm_analytics_hub.storage.clickhouse.store import ClickHouseStore
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.sql_interface import SqlQuestion

from .hostile_sql import HOSTILE
from .rows import NOON, events, letter

SECRET = "theirs-secret"  # noqa: S105 - a text to look for
THEIR_TOKENS = 777_777
TIGHT = SqlLimits(
    seconds=2, memory_bytes=128 * 1024**2, rows_read=1_000_000, answer_bytes=32 * 1024**2
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouseStore]:
    """Five events of `ours`, eleven of `theirs`, whose texts and numbers are known by sight."""
    folder = tmp_path_factory.mktemp("walls")
    opened = ClickHouseStore(folder, limits=ApplyLimits(1, after=timedelta(0)))
    opened._sql = ClickHouseSql(opened._engine, TIGHT)
    opened.write({Table.EVENTS: events(5, "ours", model="our-model")})
    theirs = {
        "model": SECRET, "asset_id": SECRET, "user_id": SECRET, "input_tokens": THEIR_TOKENS,
        "attributes": f'{{"x": "{SECRET}"}}',
    }  # fmt: skip
    opened.write({Table.EVENTS: events(11, "theirs", **theirs)})
    opened.write({Table.DEAD_LETTERS: letter(SECRET)})
    opened.write({Table.ASSETS: _facts("theirs", SECRET), Table.EVENTS: events(0)})
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def canary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("machine") / "canary.txt"
    file.write_text("canary-of-this-machine")
    return file


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a statement that writes files would leave them."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _facts(tenant: str, text: str) -> pa.RecordBatch:
    row = dict.fromkeys(ASSET_FACT_SCHEMA.names) | {
        "tenant": tenant, "asset_id": text, "version": "", "occurred_at": NOON, "owner": text,
    }  # fmt: skip
    return pa.RecordBatch.from_pylist([row], ASSET_FACT_SCHEMA)


def ask(store: ClickHouseStore, statement: str, limit: int = 100) -> str:
    """The answer of `ours` as text, or what it is told."""
    args = {"a": "default", "t": "events", "d": "default", "f": "file"}
    try:
        answer = store.answer_sql(SqlQuestion("ours", statement, args, limit))
    except InvalidQueryError as error:
        return f"refused: {error.message}"
    binary = answer.rows.cast(pa.schema([(f.name, _bytes(f.type)) for f in answer.rows.schema]))
    return repr(binary.columns)


def _bytes(kind: pa.DataType) -> pa.DataType:
    return pa.binary() if kind == pa.string() else kind


def check_is_ours(told: str, statement: str) -> None:
    hostname = os.uname().nodename
    for secret in (SECRET, str(THEIR_TOKENS), "canary-of-this-machine", "root:x:0"):
        assert secret not in told or (secret in statement and told.startswith("refused")), told
    assert f"{hostname}'" not in told


@pytest.mark.parametrize("statement", HOSTILE, ids=lambda text: ascii(text)[:70])
def test_a_hostile_statement_shows_nothing(
    store: ClickHouseStore, canary: Path, here: Path, statement: str
) -> None:
    statement = statement.replace("CANARY", str(canary))
    told = ask(store, statement)
    check_is_ours(told, statement)
    if told.startswith("refused"):
        for internal in ("DB::", "Code:", "sql_views", "log_comment", "Stack", "site-packages"):
            assert internal not in told or internal in statement, told
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param(text, id=ascii(text)[:70], marks=pytest.mark.heavy if number % 4 else [])
        for number, text in enumerate(HOSTILE)
    ],
)
def test_without_the_check_of_the_tree_the_engine_still_shows_no_row_of_another(
    store: ClickHouseStore, canary: Path, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(sql_reader, "check_tree", lambda *_: None)
    try:
        told = ask(store, statement.replace("CANARY", str(canary)))
    except pa.ArrowInvalid:
        told = ""  # FORMAT and INTO OUTFILE, which the tree would have shown
    assert SECRET not in told
    assert str(THEIR_TOKENS) not in told
    ours = "SELECT count() AS n, sum(input_tokens) AS tokens FROM events"
    assert store.answer_sql(SqlQuestion("ours", ours)).rows.to_pylist() == [{"n": 5, "tokens": 50}]
    theirs = store.answer_sql(SqlQuestion("theirs", ours)).rows.to_pylist()
    assert theirs == [{"n": 11, "tokens": 11 * THEIR_TOKENS}]


FRAGMENTS = r"""
SELECT FROM WHERE events default.events system.tables assets tenant 'theirs' model * , ( ) ; UNION
ALL JOIN ON USING IN NOT OR AND = 1 count() file('/etc/passwd') file arrayMap( merge('default','.*')
SETTINGS log_comment FORMAT CSV WITH AS x -> [ ] { } {t:Identifier} {a:String} -- /* */ ' " ` GROUP BY
ORDER LIMIT FINAL PREWHERE ARRAY EXCEPT APPLY(file) COLUMNS('.*') INTO OUTFILE 'f' view( numbers(3)
SET ROLE hub EXPLAIN INSERT \ . :: ? contents
""".split()  # noqa: SIM905 - a list would be a page


@settings(max_examples=150)
@given(st.lists(st.sampled_from(FRAGMENTS), min_size=1, max_size=14))
def test_no_mixture_of_fragments_shows_another_tenant(
    store: ClickHouseStore, fragments: list[str]
) -> None:
    statement = "SELECT " + " ".join(fragments)
    check_is_ours(ask(store, statement), statement)


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_no_text_is_more_than_a_refusal(store: ClickHouseStore, text: str) -> None:
    statement = "SELECT " + text.encode("utf-8", "ignore").decode()
    check_is_ours(ask(store, statement), statement)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40))
@settings(max_examples=60)
def test_a_bound_text_comes_back_as_it_was(store: ClickHouseStore, text: str) -> None:
    question = SqlQuestion(
        "ours", "SELECT {x:String} AS x, {l:Array(String)} AS l", {"x": text, "l": [text]}
    )
    assert store.answer_sql(question).rows.to_pylist() == [{"x": text, "l": [text]}]
