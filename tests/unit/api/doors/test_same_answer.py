"""One question, every door: the same rows, the same types and units, to the last digit."""

from collections.abc import Iterator, Mapping

import httpx
import pytest

from .all_doors import NAMES, all_doors
from .client_doors import InProcess
from .door import Door, Told
from .planted import plant
from .questions import IN_SQL, QUESTIONS
from .serving import Served


@pytest.fixture(scope="module")
def ways(at: Served, http: httpx.Client) -> Iterator[Mapping[str, Door]]:
    for tenant in ("alpha", "beta"):
        plant(http, tenant)
    with all_doors(at) as made:
        yield made


@pytest.fixture(scope="module")
def expected(at: Served, ways: Mapping[str, Door]) -> Mapping[str, Told]:
    """The answers of the service, asked before any door has put them into the cache."""
    service = InProcess(at.hub.queries)
    return {name: service.ask("alpha", body) for name, body in QUESTIONS.items()}


@pytest.mark.parametrize("name", NAMES)
def test_a_door_gives_the_answers_of_the_service(
    ways: Mapping[str, Door], expected: Mapping[str, Told], name: str
) -> None:
    door = ways[name]
    asked = [question for question, body in QUESTIONS.items() if door.takes(body)]
    assert len(asked) == len(IN_SQL) if name == "SQL" else len(asked) > 25
    for question in asked[:: 3 if name == "CLI, csv" else 1]:
        told = door.ask("alpha", QUESTIONS[question])
        assert list(told.rows) == list(expected[question].rows), question
        assert told.columns in (None, expected[question].columns), question


def test_every_question_tells_something(expected: Mapping[str, Told]) -> None:
    told = {name for name, answer in expected.items() if any(any(row) for row in answer.rows)}
    assert told == QUESTIONS.keys()
