"""No door, in no order of asking, tells a tenant anything of another one.

What a tenant is told beside others is what it was told when it was alone in the hub: so not even a
count, an error or a kept answer depends on what others have.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from .all_doors import NAMES, all_doors
from .door import Door
from .planted import KEPT, plant
from .questions import QUESTIONS
from .requests import requests, told
from .serving import Served

TENANTS = ("alpha", "beta", "gamma")
OTHER = {"alpha": "beta", "beta": "gamma", "gamma": "alpha"}
ASKED = {one: requests(other) for one, other in OTHER.items()}
SPOKEN = ("money by model", "an attribute", "owners of assets", "one number", "or and not", "last")
QUICK = tuple(name for name in NAMES if not name.startswith("CLI"))
DETERMINISTIC = settings(derandomize=True, database=None, deadline=None)


class House:
    """The hub, its doors, and what alpha was told when nobody else was there."""

    def __init__(
        self, http: httpx.Client, ways: Mapping[str, Door], alone: Mapping[str, Any]
    ) -> None:
        self.http, self.ways, self.alone = http, ways, alone


@pytest.fixture(scope="module")
def house(at: Served, http: httpx.Client) -> Iterator[House]:
    with all_doors(at) as ways:
        plant(http, "alpha")
        alone = {name: told(one.send(http, "alpha")) for name, one in ASKED["alpha"].items()}
        for name in QUICK:
            for question in asked_at(ways[name]):
                alone[f"{name}/{question}"] = ways[name].ask("alpha", QUESTIONS[question])
        for tenant in ("beta", "gamma"):
            plant(http, tenant)
        yield House(http, ways, alone)


def asked_at(door: Door) -> list[str]:
    return [question for question in SPOKEN if door.takes(QUESTIONS[question])]


def shows_nothing_of_others(tenant: str, text: str, said: str = "") -> None:
    """No text that another tenant stored; its name only where the question has it."""
    for other in set(TENANTS) - {tenant}:
        assert KEPT.format(other) not in text
        assert other not in text or other in said, text


def test_the_requests_ask_for_something(house: House) -> None:
    refused = {
        name
        for name, answer in house.alone.items()
        if isinstance(answer, tuple) and answer[0] >= 400
    }
    assert refused == {
        "a trace of the other", "an asset of the other", "a content of the other", "usage",
        "sql with a setting", "sql of the tables", "sql of the engine", "sql by a union",
        "sql by a file", "question with or",
    }  # fmt: skip


@pytest.mark.slow
@DETERMINISTIC
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(TENANTS), st.sampled_from(sorted(ASKED["alpha"]))),
        min_size=2,
        max_size=6,
    )
)
def test_every_path_tells_a_tenant_what_it_would_alone(
    house: House, steps: list[tuple[str, str]]
) -> None:
    for tenant, name in steps:
        request = ASKED[tenant][name]
        answer = request.send(house.http, tenant)
        assert answer.status_code < 500, answer.text
        shows_nothing_of_others(tenant, answer.text, repr(request))
        if tenant == "alpha":
            assert told(answer) == house.alone[name], name


@pytest.mark.slow
@DETERMINISTIC
@given(
    steps=st.lists(
        st.tuples(st.sampled_from(TENANTS), st.sampled_from(QUICK), st.sampled_from(SPOKEN)),
        min_size=2,
        max_size=6,
    )
)
def test_every_door_tells_a_tenant_what_it_would_alone(
    house: House, steps: list[tuple[str, str, str]]
) -> None:
    for tenant, name, question in steps:
        if not house.ways[name].takes(QUESTIONS[question]):
            continue
        answer = house.ways[name].ask(tenant, QUESTIONS[question])
        shows_nothing_of_others(tenant, repr(answer), repr(QUESTIONS[question]))
        if tenant == "alpha":
            assert answer == house.alone[f"{name}/{question}"]
