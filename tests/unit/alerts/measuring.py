"""A processor that is as busy as a test says."""

from collections.abc import Callable

from llm_analytics_hub.alerts.health import SAMPLE_EVERY, Health
from llm_analytics_hub.alerts.process_load import ProcessLoad

from .evaluating import NOW


class Load(ProcessLoad):
    """Says what a test wants of the processor."""

    def __init__(self) -> None:
        super().__init__()
        self.cpu: Callable[[], float | None] = lambda: 10.0

    def cpu_percent(self) -> float | None:
        return self.cpu()


def measure(health: Health, load: Load, *values: float | None) -> None:
    """Have the processor measured every 15 s, from NOW on."""
    for number, value in enumerate(values):
        load.cpu = lambda value=value: value  # type: ignore[misc]
        health.sample(NOW + number * SAMPLE_EVERY)
