"""Notices as log events, on stderr with all the others."""

import json
from typing import Literal

import structlog

from llm_analytics_hub.alerts.channels.base import ChannelBase, Surroundings
from llm_analytics_hub.alerts.channels.messages import gravest, is_grave
from llm_analytics_hub.model.alerts.alert import Told
from llm_analytics_hub.model.alerts.routing import Notice

log = structlog.get_logger(__name__)

MOST_LOGGED = 20


class LogSettings(ChannelBase):
    """One log event for each notice; its level is `error` while something critical goes on."""

    kind: Literal["log"] = "log"

    def open(self, name: str, _: Surroundings, /) -> "LogChannel":
        """The channel."""
        return LogChannel(name)


class LogChannel:
    """Writes notices to the log."""

    def __init__(self, name: str) -> None:
        self.name = name

    def payload(self, notice: Notice) -> str:
        """The fields of the log event."""
        return json.dumps(_fields(notice))

    def send(self, notice: Notice) -> None:
        """Log it."""
        self.send_again(self.payload(notice))

    def send_again(self, payload: str) -> None:
        """Log what `payload` made."""
        fields = json.loads(payload)
        grave = fields.pop("grave")
        write = log.error if grave else log.warning if fields["firing"] else log.info
        write("alert notice", channel=self.name, **fields)

    def close(self) -> None:
        """There is nothing to release."""


def _fields(notice: Notice) -> dict[str, object]:
    return {
        "grave": is_grave(notice), "tenant": notice.tenant, "route": notice.route,
        "group": dict(notice.group_labels), "cause": notice.cause.value,
        "gravest": gravest(notice.firing),
        "firing": [_summary(one) for one in notice.firing[:MOST_LOGGED]],
        "resolved": [_summary(one) for one in notice.resolved[:MOST_LOGGED]],
        "firing_count": len(notice.firing), "resolved_count": len(notice.resolved),
        "left_out": notice.left_out,
    }  # fmt: skip


def _summary(told: Told) -> str:
    return told.annotations.get("summary", told.alert.rule)
