"""The SDK pages hold together: what is on them can run, and the table says what the tests found."""

import ast
import re
from pathlib import Path

import pytest

from .gaps import ALL, ANSWERED, EMBEDDINGS, GAPS, STREAMS, UNTOLD
from .pages import PAGES, lines_of_pages

INDEX = PAGES / "README.md"
REQUIREMENTS = Path(__file__).parent / "requirements"
_PYTHON = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)

COLUMNS = (
    ("input_tokens", ANSWERED | EMBEDDINGS),
    ("cached_tokens", ANSWERED),
    ("reasoning_tokens", ANSWERED),
    ("ttft", STREAMS),
    ("user_id", ALL),
    ("session_id", ALL),
    ("contents", ALL),
)
"""What the columns of the table are about, and which calls have it."""


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.md")), ids=lambda page: page.stem)
def test_the_code_of_a_page_is_python(page: Path) -> None:
    for code in _PYTHON.findall(page.read_text("utf-8")):
        ast.parse(code)


def test_every_page_is_in_the_table() -> None:
    linked = set(
        re.findall(r"^\| \[[^]]+\]\(([a-z-]+\.md)\)", INDEX.read_text("utf-8"), re.MULTILINE)
    )
    assert linked == {page.name for page in PAGES.glob("*.md")} - {INDEX.name}


def test_what_is_run_has_lines_an_environment_and_known_gaps() -> None:
    environments = {file.stem for file in REQUIREMENTS.glob("*.txt")}
    assert set(lines_of_pages()) == environments == set(GAPS) == set(_rows())


@pytest.mark.parametrize("sdk", GAPS)
def test_the_lines_of_a_page_start_the_application_and_make_its_calls(sdk: str) -> None:
    lines = lines_of_pages()[sdk]
    calls = [node for node in ast.walk(ast.parse(lines.python)) if isinstance(node, ast.Call)]
    names = [call.func.id for call in calls if isinstance(call.func, ast.Name)]
    assert names.count("ask") == 1
    assert lines.shell.rstrip().endswith("python app.py")
    assert re.search(r"127\.0\.0\.1.*431[78]", lines.shell + lines.python)


@pytest.mark.parametrize("sdk", GAPS)
def test_the_table_says_what_the_gaps_leave(sdk: str) -> None:
    assert _rows()[sdk] == [_word(sdk, fact, kinds) for fact, kinds in COLUMNS]


def _rows() -> dict[str, list[str]]:
    """The words of the table's rows that are run, by SDK."""
    lines = INDEX.read_text("utf-8").splitlines()
    table = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    return {row[-1].strip("`"): row[1:-1] for row in table if row[-1].startswith("`")}


def _word(sdk: str, fact: str, kinds: frozenset[str]) -> str:
    gaps = [gap for gap in GAPS[sdk] if fact in gap.instead or gap.instead is UNTOLD]
    lost = {kind for gap in gaps for kind in gap.kinds & kinds}
    if not lost:
        return "yes"
    return "no" if lost == kinds else "partly"
