"""What a test does without its service."""

import os
from typing import NoReturn

import pytest


def missing(service: str, reason: str) -> NoReturn:
    """Skip with the reason; fail where HUB_TEST_SERVICES names the service, or `all`."""
    wanted = os.environ.get("HUB_TEST_SERVICES", "").split(",")
    if {"all", service} & set(wanted):
        pytest.fail(f"{reason}, and HUB_TEST_SERVICES wants {service}")
    pytest.skip(reason)
