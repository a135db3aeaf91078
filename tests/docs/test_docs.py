"""What people read is complete and true: links lead somewhere, everything public is described."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from llm_analytics_hub.model.catalogue import MEASURES
from llm_analytics_hub.query.catalog_page import page
from llm_analytics_hub.settings import Settings

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
_LINK = re.compile(r"\]\(([^)#:]+)\)")
_MODULE = re.compile(r"`((?:[a-z_]+/)+[a-z_0-9]*\.?(?:py|sql)?)`")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in _LINK.findall(page.read_text("utf-8")):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_walk_through_the_code_names_files_that_exist() -> None:
    named = _MODULE.findall((ROOT / "ARCHITECTURE.md").read_text("utf-8"))
    package = ROOT / "src" / "llm_analytics_hub"
    assert named
    assert [name for name in named if not (package / name).exists()] == []


def _settings(branch: type[BaseModel]) -> Iterator[tuple[str, str | None]]:
    for name, field in branch.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from _settings(inner)
        else:
            yield name, field.description


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, text in _settings(Settings) if not text] == []


def test_every_measure_says_what_it_means() -> None:
    assert [measure.name for measure in MEASURES.values() if len(measure.means) < 5] == []


def test_the_page_of_the_catalogue_is_up_to_date() -> None:
    assert (ROOT / "docs/reference/catalog.md").read_text("utf-8") == page(), "run `make reference`"


def test_the_readme_names_the_commands_that_exist() -> None:
    from typer.main import get_command

    from llm_analytics_hub.cli.main import app

    known = set(get_command(app).commands)  # type: ignore[attr-defined]
    named = set(re.findall(r"analytics-hub ([a-z-]+)", (ROOT / "README.md").read_text("utf-8")))
    assert named <= known
    assert {"serve", "ingest", "query", "dead-letters", "settings"} <= named
