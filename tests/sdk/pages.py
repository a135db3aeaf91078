"""The code of the SDK pages: what a page says to do is what the tests run."""

import re
from dataclasses import dataclass
from pathlib import Path

PAGES = Path(__file__).parents[2] / "docs" / "sdk"
_BLOCK = re.compile(r"<!-- run: ([a-z0-9 -]+) -->\n```(sh|python)\n(.*?)```", re.DOTALL)


@dataclass(frozen=True)
class Lines:
    """What a page says to do for one SDK: a shell script and the code of `app.py`."""

    page: str
    shell: str
    python: str


def lines_of_pages() -> dict[str, Lines]:
    """By SDK; a page's blocks for one SDK belong together, in the order of the page.

    A block is for the SDKs that the comment before it names: `<!-- run: traceloop -->`.
    """
    found: dict[str, Lines] = {}
    for page in sorted(PAGES.glob("*.md")):
        for names, language, code in _BLOCK.findall(page.read_text("utf-8")):
            for sdk in names.split():
                known = found.get(sdk, Lines(page.name, "", ""))
                found[sdk] = _with(known, language, code)
    return found


def _with(known: Lines, language: str, code: str) -> Lines:
    if language == "sh":
        return Lines(known.page, known.shell + code, known.python)
    return Lines(known.page, known.shell, known.python + code)
