"""The memory of alerting in SQL: each method is one transaction."""

from datetime import datetime

from llm_analytics_hub.storage.control.alert_definitions import SqlDefinitions, prune_definitions
from llm_analytics_hub.storage.control.alert_deliveries import SqlDeliveries, prune_deliveries
from llm_analytics_hub.storage.control.alert_states import SqlAlertStates, prune_history


class SqlAlertStore(SqlDefinitions, SqlAlertStates, SqlDeliveries):
    """The `AlertStore` of a database that is at HEAD."""

    def prune(self, before: datetime, /) -> int:
        """See `AlertStore.prune`."""
        with self._writing() as connection:
            prunings = (prune_history, prune_deliveries, prune_definitions)
            return sum(forget(connection, before) for forget in prunings)
