from itertools import count

import pytest

_NUMBERS = count()


@pytest.fixture
def tenant() -> str:
    """One that no other test writes to: they share a Redis."""
    return f"cache-{next(_NUMBERS)}"


@pytest.fixture(params=["memory", "redis"])
def url(request: pytest.FixtureRequest) -> str | None:
    """Of the cache's Redis: every promise holds without one, too."""
    return None if request.param == "memory" else request.getfixturevalue("redis").url
