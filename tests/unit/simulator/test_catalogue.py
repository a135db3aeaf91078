from datetime import UTC, datetime

import pytest
from genai_prices import Usage, calc_price

from llm_analytics_hub.simulator.calls import SERVICE_NAMES
from llm_analytics_hub.simulator.catalogue import ACCOUNTS, ASSETS, MODELS, SERVICES, USERS
from llm_analytics_hub.simulator.story import ATTACKERS, DRIFT_ACCOUNT, DRIFT_MODEL, RELEASES


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.name)
def test_the_hub_knows_a_price_near_ours(model):
    usage = Usage(input_tokens=10_000, output_tokens=1_000)
    then = datetime(2025, 11, 19, tzinfo=UTC)
    price = calc_price(
        usage, model.name, provider_id=model.provider, genai_request_timestamp=then
    ).total_price
    ours = (10_000 * model.input_usd + 1_000 * model.output_usd) / 1e6
    assert 0.4 < ours / float(price) < 2.5


def test_the_platform_has_the_size_it_promises():
    assert len(MODELS) == 12
    assert len({model.provider for model in MODELS}) == 5
    assert len(SERVICES) == 8
    assert len({asset.asset_id for asset in ASSETS}) == len(ASSETS) == 42
    assert len(USERS) == 400
    assert len(ACCOUNTS) == 5


def test_services_use_known_models_in_shares_of_one():
    names = {model.name for model in MODELS}
    for service in SERVICES:
        assert set(service.models) <= names
        assert sum(service.models.values()) == pytest.approx(1)


def test_the_story_speaks_of_things_that_exist():
    assert set(ATTACKERS) <= set(USERS)
    assert DRIFT_ACCOUNT in {account.name for account in ACCOUNTS}
    assert DRIFT_MODEL in {model.name for model in MODELS}
    assert {service for service, _ in RELEASES} <= set(SERVICE_NAMES)
