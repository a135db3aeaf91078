"""What becomes of a notice that a channel cannot write."""

from queue import Queue
from typing import Literal

from prometheus_client import CollectorRegistry

from llm_analytics_hub.alerts.channels.base import ChannelBase, Surroundings
from llm_analytics_hub.alerts.channels.channels import open_channels
from llm_analytics_hub.alerts.channels.sample import sample_notice
from llm_analytics_hub.clock import SystemClock
from llm_analytics_hub.model.alerts.routing import Delivery, Notice, Outcome

PATIENCE = 30


class Unwritable:
    """A channel with a fault: it can make nothing of a notice."""

    name = "ops"

    def payload(self, notice: Notice) -> str:
        raise TypeError("a defect")

    def send(self, notice: Notice) -> None:
        self.payload(notice)

    def close(self) -> None: ...


class UnwritableSettings(ChannelBase):
    kind: Literal["unwritable"] = "unwritable"

    def open(self, name: str, given: Surroundings, /) -> Unwritable:
        return Unwritable()


def test_a_notice_that_cannot_be_written_is_answered_all_the_same() -> None:
    channels = open_channels({"ops": UnwritableSettings()}, SystemClock(), CollectorRegistry())
    done: Queue[Delivery] = Queue()
    channels.send("ops", sample_notice("acme", SystemClock().now()), done.put)
    found = done.get(timeout=PATIENCE)
    channels.close()
    assert (found.outcome, found.payload) == (Outcome.FAILED, "")
    channels.send("ops", sample_notice("acme", SystemClock().now()), done.put)
    assert done.get(timeout=PATIENCE).error == "the hub ends"
