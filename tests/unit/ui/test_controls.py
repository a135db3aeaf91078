from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from llm_analytics_hub.ui.controls import controls_of, state_of
from llm_analytics_hub.ui.state import Between, State

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2025, 11, 19, 12, 0, 0, 123, tzinfo=UTC)
FIXED = State(
    between=Between(datetime(2025, 11, 18, 9, tzinfo=UTC), datetime(2025, 11, 18, 17, tzinfo=UTC)),
    refresh_seconds=0, tenant="acme", sources=("costops",), models=("gpt-4o",), cost_by="provider",
)  # fmt: skip


def test_controls_that_nobody_touched_keep_the_state() -> None:
    for state in (FIXED, State(), State(last="7d")):
        assert state_of(controls_of(state, BERLIN), state, NOW, BERLIN) == state


def test_pickers_show_the_viewers_clock() -> None:
    assert controls_of(FIXED, BERLIN)["from"] == "2025-11-18 10:00:00"


def test_custom_begins_with_the_range_before() -> None:
    before = State(last="6h")
    values = controls_of(before, BERLIN) | {"range": "custom"}
    now = NOW.replace(microsecond=0)
    assert state_of(values, before, NOW, BERLIN).between == Between(now - timedelta(hours=6), now)


def test_a_range_that_ends_before_it_starts_changes_nothing() -> None:
    values = controls_of(FIXED, BERLIN) | {"to": "2025-11-01 00:00:00"}
    assert state_of(values, FIXED, NOW, BERLIN) == FIXED


def test_an_emptied_tenant_is_the_default() -> None:
    values = controls_of(FIXED, BERLIN) | {"tenant": "  ", "source": None}
    state = state_of(values, FIXED, NOW, BERLIN)
    assert (state.tenant, state.sources) == ("default", ())
