"""A hub at its ports with the events of one tenant, and every door to it."""

from collections.abc import Iterator

import httpx
import pytest

from llm_analytics_hub.bootstrap import Hub, open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.normalize.capture import Capture
from llm_analytics_hub.query.limits import LimitSettings, QuestionSettings
from llm_analytics_hub.settings import NormalizeSettings, Settings

from .planted import NOW
from .serving import Served, served

MODEST = "modest"
"""A tenant that may read next to nothing."""


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Contents are kept; one tenant has tight limits."""
    return Settings(
        data_dir=tmp_path_factory.mktemp("doors") / "data",
        ui=False,
        normalize=NormalizeSettings(contents={"*": Capture.FULL}),
        questions=QuestionSettings(tenants={MODEST: LimitSettings(rows_read=2)}),
    )


@pytest.fixture(scope="module")
def hub(settings: Settings) -> Iterator[Hub]:
    """The engine, at `NOW`."""
    opened = open_hub(settings, ManualClock(NOW))
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def at(hub: Hub, settings: Settings) -> Iterator[Served]:
    """The hub at its ports."""
    with served(hub, settings) as serving:
        yield serving


@pytest.fixture(scope="module")
def http(at: Served) -> Iterator[httpx.Client]:
    """A client of its HTTP port."""
    with httpx.Client(base_url=at.url, timeout=60) as made:
        yield made
