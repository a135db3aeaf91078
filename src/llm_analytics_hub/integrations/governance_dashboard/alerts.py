"""Alerts: rows of the table of that name, and the budget alerts of the dashboard's types.

The table's times have no zone and mean UTC.
"""

from collections.abc import Iterable

from llm_analytics_hub.integrations.governance_dashboard.states import state_of
from llm_analytics_hub.integrations.integration import Shape, by_table, has, with_rest
from llm_analytics_hub.integrations.message import Message
from llm_analytics_hub.integrations.reading import Columns, Reading, Row, constant, read

TRIGGERED = "alert.triggered"
BUDGET_ALERTED = "budget.alerted"

ALERT_COLUMNS: Columns = {
    "event_type": constant(TRIGGERED),
    "original_type": lambda reading: reading.see("alert_type"),
    "event_id": "id",
    "occurred_at": ("triggered_at", "created_at", "timestamp"),
    "severity": "severity",
    "policy_id": "related_policy_id",
    "user_id": "related_user_id",
    "account_id": "organization_id",
}


def alert(message: Message) -> Iterable[Row]:
    """An alert; and that it is acknowledged, and resolved, once it is."""
    reading = Reading(message.document)
    row = read(reading, ALERT_COLUMNS)
    later = (state_of(row, reading, state) for state in ("acknowledged", "resolved"))
    return [with_rest(row, reading.rest), *(one for states in later for one in states)]


BUDGET_ALERT_COLUMNS: Columns = {
    "event_type": constant(BUDGET_ALERTED),
    "stream": constant("cost"),
    "severity": "severity",
    "value": "percentage_used",
    "unit": constant("%"),
    "occurred_at": ("timestamp", "created_at"),
}

ALERT = Shape("row of alerts", has("alert_type", "severity"), alert)
BUDGET_ALERT = Shape(
    "budget alert", has("budget_id", "percentage_used"), by_table(BUDGET_ALERT_COLUMNS)
)
