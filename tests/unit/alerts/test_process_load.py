"""How much of its machine the hub uses."""

from pathlib import Path

import pytest

from llm_analytics_hub.alerts.process_load import ProcessLoad, cores, disk_percent, memory_limit


def test_the_processor_is_measured_since_the_last_time(tmp_path: Path) -> None:
    times = iter([(0.0, 0.0), (10.0, 5.0), (10.0, 5.0), (20.0, 5.0)])
    now = [0.0, 0.0]

    def step() -> float:
        now[:] = next(times)
        return now[0]

    load = ProcessLoad(tmp_path, used_seconds=lambda: now[1], passed_seconds=step)
    assert load.cpu_percent() == pytest.approx(50 / cores(tmp_path))
    assert load.cpu_percent() is None
    assert load.cpu_percent() == 0


@pytest.mark.parametrize(
    ("text", "least"), [("50000 100000", 0.5), ("max 100000", None), ("nonsense", None), ("", None)]
)
def test_a_container_may_have_less_than_the_machine(
    tmp_path: Path, text: str, least: float | None
) -> None:
    (tmp_path / "cpu.max").write_text(text)
    (tmp_path / "memory.max").write_text("max" if least is None else "1048576")
    assert cores(tmp_path) == (least or cores(tmp_path / "nothing"))
    assert memory_limit(tmp_path) == (1048576 if least else float("inf"))


def test_a_disk_is_measured_and_one_that_is_gone_is_unknown(tmp_path: Path) -> None:
    assert 0 < (disk_percent(tmp_path) or 0) <= 100
    assert disk_percent(tmp_path / "gone") is None
