"""Redis, as Debian keeps it: the real server, with security updates."""

import shutil
from pathlib import Path

from .missing import missing
from .process import HOST, Service, free_port


def redis_server(folder: Path) -> Service:
    """A Redis that keeps every acknowledged write over kill -9 of it, in `folder`."""
    program = shutil.which("redis-server")
    if program is None:
        missing("redis", "redis-server is not installed")
    port = free_port()
    options = {"bind": HOST, "port": str(port), "dir": str(folder), "appendonly": "yes", "save": ""}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    return Service(f"redis://{HOST}:{port}", port, [program, *words], folder)
