"""The catalogue as a page of the documentation: `python -m llm_analytics_hub.query.catalog_page`."""

import sys
from collections.abc import Iterable, Sequence

from llm_analytics_hub.query.catalog import catalog

_HEAD = """# What can be asked

Generated from the catalogue by `make reference`; `GET /api/v1/catalog` gives the same as JSON.

## Measures

A measure comes from a rollup where one has it and all that the question is cut by, else from the
events. Unknown is null, never 0.
"""


def page() -> str:
    """The page, as Markdown."""
    known = catalog()
    measures = [
        (f"`{m['name']}`", m["unit"] or "", m["type"], m["means"], m["aggregates"],
         ", ".join(f"`{table}`" for table in m["rollups"]))
        for m in known["measures"]
    ]  # fmt: skip
    names = ("measure", "unit", "type", "what it is", "how it is made", "rollups that have it")
    lists = (
        ("Dimensions", known["dimensions"]), ("Granularities", known["granularities"]),
        ("Operators of filters", known["operators"]), ("Periods", known["periods"]),
        ("Comparisons", known["comparisons"]),
    )  # fmt: skip
    parts = [f"## {title}\n\n{_words(words)}" for title, words in lists]
    return "\n".join([_HEAD, _table(names, measures), "", "\n\n".join(parts), ""])


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _table(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [names, ["---"] * len(names), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(page())
