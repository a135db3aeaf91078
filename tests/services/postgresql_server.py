"""PostgreSQL, as Debian keeps it; it refuses to run as root, so it runs as nobody there."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .missing import missing
from .process import HOST, Service, free_port

# Not on the PATH: Debian keeps several versions side by side.
FOLDERS = (*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), Path("/usr/bin"))
NOBODY = 65534
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
CLUSTER = ["--username=hub", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
# The machine does not lose power in a test, and what a killed server wrote is in the page cache.
OPTIONS = {"fsync": "off", "full_page_writes": "off", "listen_addresses": HOST, "timezone": "UTC"}


@contextmanager
def postgresql_server() -> Iterator[Service]:
    """A PostgreSQL at `url` = postgresql://hub@127.0.0.1:port/postgres, without a password."""
    found = [folder for folder in FOLDERS if (folder / "initdb").exists()]
    if not found:
        missing("postgresql", "postgresql is not installed")
    # Not in pytest's folder, which is only for the user who runs it.
    with tempfile.TemporaryDirectory(prefix="postgresql") as folder:
        server = prepare(found[0], Path(folder))
        server.start()
        try:
            yield server
        finally:
            server.stop()


def prepare(programs: Path, folder: Path) -> Service:
    """A server of a new cluster in `folder`, not started."""
    data, port = folder / "data", free_port()
    become = become_nobody(folder) if os.geteuid() == 0 else []
    subprocess.run(
        [*become, programs / "initdb", "--pgdata", data, *CLUSTER],
        check=True, capture_output=True, cwd=folder, env=ENVIRONMENT,
    )  # fmt: skip
    options = OPTIONS | {"port": str(port), "unix_socket_directories": str(folder)}
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    command = [*become, programs / "postgres", "-D", data, *words]
    asks = [programs / "pg_isready", "-q", "-h", HOST, "-p", str(port)]
    return Service(
        f"postgresql://hub@{HOST}:{port}/postgres",
        port,
        command,
        folder,
        environment=ENVIRONMENT,
        is_ready=lambda: subprocess.run(asks, check=False, env=ENVIRONMENT).returncode == 0,
    )


def become_nobody(folder: Path) -> list[str]:
    """What to put before a command; `folder` is nobody's then."""
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        missing("postgresql", "setpriv is not installed, and PostgreSQL does not run as root")
    os.chown(folder, NOBODY, NOBODY)
    # Whoever changes the user loses the death signal, so it is set again.
    user = ["--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
    return [setpriv, *user, "--pdeathsig", "KILL", "--"]
