import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from llm_analytics_hub.storage.clickhouse.memory import give_back_memory, use_returnable_memory

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is given back on Linux")


def mapped_kilobytes(library: str) -> int:
    """How much of a shared library this process has mapped in."""
    total, inside = 0, False
    for line in Path("/proc/self/smaps").read_text("utf-8").splitlines():
        name = line.split()[0]
        if "-" in name:
            inside = library in line
        elif inside and name == "Rss:":
            total += int(line.split()[1])
    return total


def test_programs_leave_memory_and_still_run() -> None:
    before = mapped_kilobytes("libarrow_compute")
    give_back_memory()
    assert mapped_kilobytes("libarrow_compute") < before
    assert pc.sum(pa.array([1, 2])).as_py() == 3


def test_arrow_uses_memory_that_can_be_given_back() -> None:
    use_returnable_memory()
    assert pa.default_memory_pool().backend_name == "system"
