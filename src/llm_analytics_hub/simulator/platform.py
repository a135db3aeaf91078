"""The simulated platform: its past as batches, its present as a stream, both by the same rules.

Each stretch of time is played on its own with dice of its own, so that any two runs with one seed
say the same of the same hours, and a long history needs the memory of a day.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

import numpy as np

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.simulator.calls import SERVICE_NAMES, Calls, draw_calls
from llm_analytics_hub.simulator.catalogue import SERVICES
from llm_analytics_hub.simulator.costops import Budgets, cost_events
from llm_analytics_hub.simulator.event import Event
from llm_analytics_hub.simulator.governance import governance_events
from llm_analytics_hub.simulator.marketplace import marketplace_events
from llm_analytics_hub.simulator.observatory import inference_events
from llm_analytics_hub.simulator.policy_engine import policy_events
from llm_analytics_hub.simulator.registry import inventory, registry_events
from llm_analytics_hub.simulator.requests import Outbox, Request
from llm_analytics_hub.simulator.rhythm import HOUR, shared_out, whole_hours
from llm_analytics_hub.simulator.scene import Integers, Scene, iso_times
from llm_analytics_hub.simulator.sentinel import sentinel_events
from llm_analytics_hub.simulator.story import Span, Story, to_microseconds
from llm_analytics_hub.simulator.tracing import Trace, agent_traces

# The rest, about a twenty-fifth, is CostOps: it follows from the calls.
SHARES = {
    "inference": 0.37,
    "spans": 0.37,
    "policy-engine": 0.12,
    "marketplace": 0.04,
    "sentinel": 0.02,
    "registry": 0.01,
    "governance-dashboard": 0.02,
}
CALLS_OF_A_RUN = (0.45, 0.35, 0.20)  # one, two or three model calls
SPANS_PER_CALL = 2
LIVE_STRETCH = timedelta(minutes=1)
TICK = timedelta(seconds=1)

AGENTS = [at for at, service in enumerate(SERVICES) if service.is_agent]
PLAIN_SERVICES = [at for at in range(len(SERVICE_NAMES)) if at not in AGENTS]


@dataclass(frozen=True, slots=True)
class Played:
    """What happened in a stretch: events in order of time, traces in order of their beginning."""

    events: list[Event]
    traces: list[Trace]


class Platform:
    """Seven modules and their users; equal seeds give equal platforms."""

    def __init__(self, seed: int, story: Story | None = None, tenant: str = "default") -> None:
        """`story` is what happens in the week; without one it begins where the history begins."""
        self.seed = seed
        self.story = story
        self.tenant = tenant

    def play(self, scene: Scene, expected: float, budgets: Budgets) -> Played:
        """About `expected` events of the stretch; what they cost is charged to `budgets`."""
        plain_calls = _plain_calls(scene, expected * SHARES["inference"])
        agent_calls = _agent_calls(scene, expected * SHARES["spans"] / SPANS_PER_CALL)
        costs = cost_events(scene, [plain_calls, agent_calls])
        events = [
            *inference_events(scene, plain_calls),
            *policy_events(scene, expected * SHARES["policy-engine"]),
            *marketplace_events(scene, expected * SHARES["marketplace"]),
            *sentinel_events(scene, expected * SHARES["sentinel"]),
            *registry_events(scene, expected * SHARES["registry"]),
            *governance_events(scene, expected * SHARES["governance-dashboard"]),
            *costs,
            *budgets.charge(scene, costs),
        ]
        events.sort(key=lambda event: event.occurred_at)
        return Played(events, agent_traces(scene, agent_calls))


def _plain_calls(scene: Scene, expected: float) -> Calls:
    traces = int(scene.dice("number of inferences").poisson(expected))
    return draw_calls(scene, "inferences", np.ones(traces, dtype=np.int64), PLAIN_SERVICES)


def _agent_calls(scene: Scene, expected: float) -> Calls:
    dice = scene.dice("number of runs")
    lengths = np.arange(1, len(CALLS_OF_A_RUN) + 1)
    runs = int(dice.poisson(expected / (lengths @ CALLS_OF_A_RUN)))
    calls_per_run: Integers = dice.choice(lengths, runs, p=CALLS_OF_A_RUN)
    return draw_calls(scene, "runs", calls_per_run, AGENTS)


def history(platform: Platform, start: datetime, end: datetime, events: int) -> Iterator[Request]:
    """The past from the hour of `start` up to `end`, batch by batch, day by day.

    The hours that [start, end) touches have about `events` together, by their activity: within 2 %
    for 200,000 a week, more than asked for where hourly cost records outweigh thin traffic. Of an
    hour that `end` cuts, the later part is left out, so that a run that is repeated a little
    later sends the same and some more.
    """
    story = platform.story or Story(start.astimezone(UTC).date())
    hours = whole_hours(start.astimezone(UTC), end)
    if not hours:
        return
    budgets = Budgets(events / len(hours) * 24)
    outbox = Outbox(platform.tenant)
    for hour, expected in zip(hours, shared_out(events, hours), strict=True):
        scene = _scene(platform, story, hour, hour + HOUR)
        played = platform.play(scene, expected, budgets)
        opening = inventory(scene) if hour == hours[0] else []
        yield from outbox.put(*_until(end, opening + played.events, played.traces))
        if hour.hour == 23:
            yield from outbox.flush()
    yield from outbox.flush()


def live(
    platform: Platform, clock: Clock, events_per_second: float, since: datetime | None = None
) -> Iterator[tuple[datetime, Request]]:
    """The present without end: when to send, and what; from `since` on, or from now.

    Moments never go back. Nothing waits here: the caller does, or catches up.
    """
    begins = (since or clock.now()).astimezone(UTC)
    story = platform.story or Story((begins - timedelta(days=7)).date())
    budgets = Budgets(events_per_second * 86_400)
    late: list[Trace] = []
    for minute in count():
        start = begins + minute * LIVE_STRETCH
        scene = _scene(platform, story, start, start + LIVE_STRETCH)
        played = platform.play(scene, events_per_second * LIVE_STRETCH.total_seconds(), budgets)
        events, traces = played.events, late + played.traces
        for tick in range(1, LIVE_STRETCH // TICK + 1):
            when = start + tick * TICK
            due, due_traces = _until(when, events, traces)
            events = events[len(due) :]
            traces = [trace for trace in traces if trace.ends_us > to_microseconds(when)]
            outbox = Outbox(platform.tenant)
            yield from ((when, request) for request in outbox.put(due, due_traces))
            yield from ((when, request) for request in outbox.flush())
        late = traces


def _scene(platform: Platform, story: Story, start: datetime, end: datetime) -> Scene:
    return Scene(platform.seed, Span(to_microseconds(start), to_microseconds(end)), story)


def _until(
    end: datetime, events: list[Event], traces: list[Trace]
) -> tuple[list[Event], list[Trace]]:
    """What had occurred, and was over, by `end`."""
    end_us = to_microseconds(end)
    end_text = iso_times(np.array([end_us], dtype=np.int64))[0]
    return (
        [event for event in events if event.occurred_at < end_text],
        [trace for trace in traces if trace.ends_us <= end_us],
    )
