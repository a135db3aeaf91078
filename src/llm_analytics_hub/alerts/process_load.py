"""How much of its machine, or of its container's share, this process uses."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

CGROUP = Path("/sys/fs/cgroup")


class ProcessLoad:
    """Measures this process; `cpu_percent` is since it was last asked, by one thread."""

    def __init__(
        self,
        cgroup: Path = CGROUP,
        used_seconds: Callable[[], float] = time.process_time,
        passed_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._used = used_seconds
        self._passed = passed_seconds
        self._cgroup = cgroup
        self._last = (passed_seconds(), used_seconds())

    def cpu_percent(self) -> float | None:
        """Processor time of all threads, of what all the cores it may use could have given."""
        passed, used = self._passed(), self._used()
        before, self._last = self._last, (passed, used)
        if passed <= before[0]:
            return None
        return 100 * (used - before[1]) / (passed - before[0]) / cores(self._cgroup)

    def memory_percent(self) -> float:
        """Resident memory, of the container's limit, else of the machine's memory."""
        import psutil  # 30 ms, which no start should wait for

        most = min(int(psutil.virtual_memory().total), memory_limit(self._cgroup))
        return 100 * int(psutil.Process().memory_info().rss) / most


def disk_percent(folder: Path) -> float | None:
    """How full the disk of a folder is, for who is not root; None where it is not there."""
    try:
        disk = shutil.disk_usage(folder)
    except OSError:
        return None
    return 100 * disk.used / max(disk.used + disk.free, 1)


def cores(cgroup: Path = CGROUP) -> float:
    """Cores this process may use: those of its affinity, and no more than its container's quota."""
    given = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    quota, _, period = _text(cgroup / "cpu.max").partition(" ")
    allowed = int(quota) / int(period) if quota.isdigit() and period.isdigit() else float("inf")
    return min(float(given or 1), allowed)


def memory_limit(cgroup: Path = CGROUP) -> float:
    """Bytes the container may use; infinite where nothing says so (cgroup v2, `memory.max`)."""
    text = _text(cgroup / "memory.max")
    return int(text) if text.isdigit() else float("inf")


def _text(file: Path) -> str:
    try:
        return file.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        return ""
