"""What every test shares: hypothesis profiles, and where the reference material may lie."""

import gc
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from .services.fixtures import (  # noqa: F401  fixtures for every test
    alertmanager,
    kafka,
    nats,
    rabbitmq,
    redis,
)

# How fast the machine is today says nothing about the code.
SLOW_IS_FINE = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("dev", **SLOW_IS_FINE)
settings.register_profile("ci", **SLOW_IS_FINE, derandomize=True, max_examples=40)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


def pytest_collection_finish() -> None:
    """Spare the collector from walking eleven thousand tests again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of recordings and real traces beside the checkout; skips where it is absent."""
    folder = Path(__file__).parents[2] / "shared"
    if not folder.is_dir():
        pytest.skip("the reference folder ../shared is not beside this checkout")
    return folder
