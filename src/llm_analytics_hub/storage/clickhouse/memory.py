"""Memory that an engine built for large machines keeps, given back while there is nothing to do."""

import ctypes
import mmap
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

_SMAPS = Path("/proc/self/smaps")
_READ_ONLY = ("r-xp", "r--p")


def use_returnable_memory() -> None:
    """Let Arrow use the C library's memory, which can be given back; its own cannot.

    Arrow's default allocator, mimalloc, keeps what a thread freed until the same thread asks.
    """
    pa.set_memory_pool(pa.system_memory_pool())


def give_back_memory() -> None:
    """Return to the machine what the C library and programs loaded hold without need.

    Nothing on other systems than Linux. Takes milliseconds; program pages come back from the
    machine's file cache one by one when they are needed again.
    """
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        if hasattr(library, "malloc_trim"):  # glibc has it, musl has not
            library.malloc_trim(0)
        for region in _clean_programs(_SMAPS.read_text("utf-8", "replace").splitlines()):
            size = ctypes.c_size_t(region.size)
            library.madvise(ctypes.c_void_p(region.begin), size, mmap.MADV_DONTNEED)


@dataclass(frozen=True)
class _Region:
    """A mapping of a file: its address and size in bytes."""

    begin: int
    size: int


def _clean_programs(lines: list[str]) -> Iterator[_Region]:
    """Mapped parts of shared libraries that cannot be written and never were.

    The engine's alone are half a gigabyte, of which it uses little at a time. Parts that the
    loader has written to before it protected them hold memory that no file has: they stay.
    """
    region: _Region | None = None
    for line in lines:
        words = line.split()
        if "-" in words[0]:  # 7f00-7fff r-xp offset device inode path; then `Name: kB` lines
            region = _program(words)
        elif words[0] == "Anonymous:" and words[1] == "0" and region is not None:
            yield region


def _program(words: list[str]) -> _Region | None:
    if words[1] not in _READ_ONLY or len(words) < 6 or ".so" not in words[5]:
        return None
    begin, end = (int(address, 16) for address in words[0].split("-"))
    return _Region(begin, end - begin)
