"""What is to be done at one moment."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from llm_analytics_hub.alerts.routing.group import Group, GroupId
from llm_analytics_hub.alerts.routing.notices import Planned, muted
from llm_analytics_hub.model.alerts.routing import Delivery, Outcome


@dataclass
class Round:
    """What is to be done: notices to send, what nobody was told to keep, groups to forget.

    `cared` are alerts whose acknowledgement is over. `quiet` counts alerts by why nobody is told.
    """

    planned: list[Planned] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    forgotten: list[GroupId] = field(default_factory=list)
    cared: set[str] = field(default_factory=set)
    quiet: Counter[Outcome] = field(default_factory=Counter)

    def leave_out(self, group: Group, causes: Mapping[str, Outcome], now: datetime) -> None:
        """Keep whom nobody is told of, and why, once."""
        for outcome in sorted(set(causes.values())):
            keys = [key for key, cause in causes.items() if cause is outcome]
            new = [group.members[key] for key in keys if group.muted.get(key) is not outcome]
            if new:
                self.deliveries += muted(group, outcome, new, now)
                self.quiet[outcome] += len(new)
        group.muted = dict(causes)
