"""A hub that is closed is asked by its folder, and gives the answers it gave before."""

import httpx
import pytest

from llm_analytics_hub.bootstrap import open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.settings import Settings

from .client_doors import CommandLine, InProcess
from .http_doors import RestPost
from .planted import NOW, plant
from .questions import QUESTIONS
from .serving import served

ASKED = ("money by model", "owners of assets", "gaps filled", "odd attribute")


@pytest.mark.slow
def test_the_folder_answers_as_the_hub_did(settings: Settings) -> None:
    hub = open_hub(settings, ManualClock(NOW))
    with served(hub, settings) as at, httpx.Client(base_url=at.url) as http:
        for tenant in ("alpha", "beta"):
            plant(http, tenant)
        rest, service = RestPost(http), InProcess(hub.queries)
        before = {name: service.ask("alpha", QUESTIONS[name]) for name in ASKED}
        assert rest.ask("alpha", QUESTIONS[ASKED[0]]).rows == list(before[ASKED[0]].rows)
    hub.close()
    folder = CommandLine(("--data-dir", str(settings.data_dir)), rest)
    for name in ASKED:
        told = folder.ask("alpha", QUESTIONS[name])
        assert (list(told.rows), told.columns) == (list(before[name].rows), before[name].columns)
