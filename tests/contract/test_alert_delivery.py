"""One delivery by its id, in memory and in every database."""

from collections.abc import Callable

import pytest

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.model.alerts.routing import Outcome
from llm_analytics_hub.storage.alert_store import AlertStore

from .alert_values import delivery

pytestmark = pytest.mark.slow

NewTenant = Callable[[], str]


def test_a_delivery_is_found_by_its_id_by_its_tenant_only(
    alerts: AlertStore, new_tenant: NewTenant
) -> None:
    mine, theirs = new_tenant(), new_tenant()
    failed = delivery(mine, "d", outcome=Outcome.FAILED, error="503", payload='{"a": 1}')
    other = delivery(theirs, "d")
    alerts.keep_delivery(failed)
    alerts.keep_delivery(other)
    assert (alerts.delivery(mine, "d"), alerts.delivery(theirs, "d")) == (failed, other)
    assert alerts.delivery(mine, "e") is None
    with pytest.raises(InvalidInputError):
        alerts.delivery(mine, "a\0b")
