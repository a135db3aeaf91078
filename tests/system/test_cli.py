"""The command line against a running hub, and against a folder with no hub running."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "../shared"
CONVERSATIONS = SHARED / "data/AzureLLMInferenceTrace_conv.csv"

HUB = (sys.executable, "-m", "llm_analytics_hub")
NOVEMBER = ("--from", "2023-11-01", "--to", "2023-12-01")
AZURE = (
    "--map", "occurred_at=TIMESTAMP",
    "--map", "input_tokens=ContextTokens",
    "--map", "output_tokens=GeneratedTokens",
    "--set", "source=observatory",
    "--set", "event_type=inference.completed",
    "--set", "provider=azure",
    "--set", "model=gpt-4",
)  # fmt: skip

pytestmark = [pytest.mark.system, pytest.mark.slow]


class Cli:
    """Runs commands with a home of their own."""

    def __init__(self, home: Path, url: str) -> None:
        self.url = url
        self.environ = {
            **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
            "HUB_URL": url,
            "XDG_STATE_HOME": str(home / "state"),
        }

    def __call__(self, *words: str | Path, stdin: str = "", expect: int = 0) -> str:
        """What a command says on stdout, after it ended as expected (else also on stderr)."""
        done = subprocess.run(
            [*HUB, *map(str, words)], input=stdin, env=self.environ, capture_output=True,
            encoding="utf-8", timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == expect, f"{done.stdout}\n{done.stderr}"
        return done.stdout if expect == 0 else done.stdout + done.stderr


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cli") / "store"


@pytest.fixture(scope="module")
def cli(store: Path) -> Iterator[Cli]:
    ports = [
        word
        for name in ("port", "metrics-port", "otlp-http-port", "otlp-grpc-port")
        for word in (f"--{name}", "0")
    ]
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    with (store.parent / "log").open("wb") as log:
        hub = subprocess.Popen(
            [*HUB, "serve", "--data-dir", store, *ports],
            env=environ,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    assert hub.stdout is not None
    with hub.stdout:
        ready = hub.stdout.readline()
        try:
            assert ready.startswith("ready "), (store.parent / "log").read_text()
            yield Cli(store.parent, ready.split()[1])
        finally:
            hub.send_signal(signal.SIGTERM)
            hub.wait(60)


@pytest.mark.skipif(
    not CONVERSATIONS.exists(), reason="the Azure trace is not beside the repository"
)
def test_an_imported_csv_is_counted_exactly_and_once(cli: Cli) -> None:
    with CONVERSATIONS.open(newline="") as file:
        rows = list(csv.DictReader(file))
    sums = [
        len(rows),
        *(sum(int(row[name]) for row in rows) for name in ("ContextTokens", "GeneratedTokens")),
    ]
    tenant = ("--tenant", "azure")
    first = cli("ingest", CONVERSATIONS, "--format", "csv", *AZURE, *tenant)
    again = cli("ingest", CONVERSATIONS, "--format", "csv", *AZURE, *tenant)
    measures = ("--measure", "events", "--measure", "input_tokens", "--measure", "output_tokens")
    answer = cli("query", *measures, *NOVEMBER, *tenant, "--format", "csv")
    assert ": 19,366 accepted, 0 duplicates, 0 refused" in first
    assert ": 0 accepted, 19,366 duplicates, 0 refused" in again
    assert answer.splitlines()[1] == ",".join(map(str, sums))


def events(*rows: dict[str, object]) -> str:
    default = {
        "source": "observatory",
        "event_type": "inference.completed",
        "occurred_at": "2023-11-05T10:00:00Z",
    }
    return "\n".join(json.dumps({**default, **row}) for row in rows)


def test_equal_lines_of_standard_input_stay_apart(cli: Cli) -> None:
    lines = events(*[{"model": "m"}] * 3)
    assert "3 accepted" in cli("ingest", "-", "--tenant", "equal", stdin=lines)
    assert "0 accepted, 3 duplicates" in cli("ingest", "-", "--tenant", "equal", stdin=lines)


def test_a_question_is_answered_as_table_json_and_csv(cli: Cli) -> None:
    lines = events(
        {"model": "a[b]", "cost_usd": "0.10", "latency_ms": 100},
        {"model": "a[b]", "cost_usd": "1234.5", "latency_ms": 900},
        {"model": "c"},
    )
    cli("ingest", "-", "--tenant", "ask", stdin=lines)
    ask = (
        "query",
        "-m",
        "events",
        "-m",
        "cost_usd",
        "--by",
        "model",
        *NOVEMBER,
        "--tenant",
        "ask",
        "--order-by",
        "model",
    )
    assert [line.split() for line in cli(*ask).splitlines()] == [
        ["model", "events", "cost_usd", "(USD)"], ["a[b]", "2", "1,234.6000"], ["c", "1", "-"],
    ]  # fmt: skip
    assert cli(*ask, "--format", "csv") == "model,events,cost_usd\na[b],2,1234.6\nc,1,\n"
    answer = json.loads(cli(*ask, "--format", "json"), parse_float=Decimal)
    assert answer["rows"] == [["a[b]", 2, Decimal("1234.6")], ["c", 1, None]]
    assert answer["columns"][2] == {"name": "cost_usd", "type": "decimal", "unit": "USD"}
    assert "a[b],1," in cli(
        *ask, "--where", "latency_ms>=500", "--where", "model^=a", "--format", "csv"
    )
    assert (
        cli(*ask, "--where", "model=none")
        == "no events match: none in this time range pass the filters\n"
    )


def test_refused_rows_are_told_kept_and_come_back_fixed_or_go(cli: Cli) -> None:
    tenant = ("--tenant", "letters")
    lines = (
        events({"model": "m"}, {"occurred_at": "never"}, {"occurred_at": "never"}) + "\nno json\n"
    )
    told = cli("ingest", "-", "--fail-on-refused", *tenant, stdin=lines, expect=1)
    assert "1 accepted, 0 duplicates, 3 refused" in told
    assert "row 2: occurred_at: not a timestamp: 'never'" in told
    assert "row 4: the line is no JSON" in told
    listed = json.loads(cli("dead-letters", "list", "--format", "json", *tenant))
    assert [letter["code"] for letter in listed] == ["invalid_timestamp"] * 2
    letter_id = listed[0]["letter_id"]
    assert "never" in cli("dead-letters", "show", letter_id, *tenant)
    assert "2 tried, 0 stored, 2 stay (2 invalid_timestamp)" in cli(
        "dead-letters", "replay", "--all", *tenant, expect=1
    )
    assert cli("dead-letters", "purge", letter_id, *tenant) == "1 purged\n"
    assert "Aborted" in cli("dead-letters", "purge", "--all", *tenant, expect=1)
    assert cli("dead-letters", "purge", "--all", "--yes", *tenant) == "1 purged\n"
    assert cli("dead-letters", "list", *tenant) == "no dead letters\n"


def test_an_import_of_nothing_but_refused_rows_failed(cli: Cli) -> None:
    cli("ingest", "-", "--tenant", "bad", stdin=events({"occurred_at": "never"}), expect=1)


def test_the_catalog_names_measures_with_units(cli: Cli) -> None:
    assert re.search(r"^cost_usd +USD +known cost", cli("catalog"), re.MULTILINE)
    assert "latency_ms" not in json.loads(cli("catalog", "--format", "json"))["dimensions"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("query", "-m", "nope", "--last", "1d"), "no measure 'nope'; there are events"),
        (("query", "-m", "events", "--last", "1d", "--tenant", "A B"), "invalid_tenant"),
    ],
)
def test_what_the_hub_finds_wrong_is_explained(cli: Cli, words: tuple[str, ...], told: str) -> None:
    assert told in cli(*words, expect=2)


def test_no_hub_is_told_with_what_to_do(cli: Cli) -> None:
    told = cli("query", "-m", "events", "--last", "1d", "--url", "http://127.0.0.1:9", expect=1)
    assert (
        "no hub answers at http://127.0.0.1:9: start one with `analytics-hub serve`, or name its address with --url"
        in told
    )


def test_a_folder_held_by_a_running_hub_is_told_so(cli: Cli, store: Path) -> None:
    told = cli("query", "-m", "events", "--last", "1d", "--data-dir", store, expect=1)
    assert "another process holds the data folder" in told


def test_a_folder_serves_without_a_running_hub(cli: Cli, tmp_path: Path) -> None:
    folder, file = tmp_path / "store", tmp_path / "a.csv"
    file.write_text(
        "when;team;input_tokens\n2023-11-05T10:00:00Z;red;5\n2023-11-06T10:00:00Z;blue;7\nshort\n"
    )
    columns = (
        "--delimiter",
        ";",
        "--map",
        "occurred_at=when",
        "--keep-rest",
        "--set",
        "source=s",
        "--set",
        "event_type=a.b",
    )
    told = cli("ingest", file, *columns, "--data-dir", folder)
    ask = (
        "query",
        "-m",
        "input_tokens",
        "--by",
        "attributes.team",
        *NOVEMBER,
        "--format",
        "csv",
        "--data-dir",
    )
    assert "2 accepted, 0 duplicates, 1 refused" in told
    assert "row 3: 1 cells under a header of 3" in told
    assert cli(*ask, folder) == "attributes.team,input_tokens\nblue,7\nred,5\n"
    assert "there is no store in" in cli(*ask, tmp_path / "other", expect=1)
