"""RabbitMQ, as Debian keeps it, as a plain child: it is packaged nowhere else."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .missing import missing
from .process import HOST, Service, free_port

# Not the one on the PATH, which becomes the user `rabbitmq` first.
PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")

CONFIGURATION = """
listeners.tcp.1 = {host}:{port}
log.console = true
log.console.level = warning
log.file = false
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 50MB
"""
# One process, which a signal reaches: without input, idle schedulers asleep, on loopback only.
ERLANG_ARGUMENTS = (
    "-noinput +S 2:2 +sbwt none +sbwtdcpu none +sbwtdio none"
    " -kernel inet_dist_use_interface {127,0,0,1}"
)


@contextmanager
def rabbitmq_server(folder: Path) -> Iterator[Service]:
    """A RabbitMQ that keeps durable queues in `folder`; the user is guest, as is the password."""
    epmd = shutil.which("epmd")
    if epmd is None or not PROGRAM.exists():
        missing("rabbitmq", "rabbitmq-server is not installed")
    port, names = free_port(), free_port()
    environment = prepare(folder, port, names)
    directory = folder / "epmd"
    directory.mkdir()
    # Its own directory of nodes: RabbitMQ would leave one running for the whole machine.
    command = [epmd, "-port", str(names), "-address", HOST]
    with (
        Service(f"epmd://{HOST}:{names}", names, command, directory),
        Service(
            f"amqp://guest:guest@{HOST}:{port}/",
            port,
            [PROGRAM],
            folder,
            environment=environment,
            is_ready=lambda: greets(port),
        ) as rabbitmq,
    ):
        yield rabbitmq


def prepare(folder: Path, port: int, names: int) -> dict[str, str]:
    """The environment of a node that keeps everything in `folder`, and the files that it names."""
    configuration, plugins = folder / "rabbitmq.conf", folder / "enabled_plugins"
    configuration.write_text(CONFIGURATION.format(host=HOST, port=port))
    plugins.write_text("[].\n")
    return {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "HOME": str(folder),  # where Erlang keeps the cookie
        "LC_ALL": "C.UTF-8",
        "ERL_EPMD_PORT": str(names),
        "ERL_EPMD_ADDRESS": HOST,
        "RABBITMQ_NODENAME": f"hub{port}@localhost",
        "RABBITMQ_DIST_PORT": str(free_port()),
        "RABBITMQ_MNESIA_BASE": str(folder / "mnesia"),
        "RABBITMQ_LOG_BASE": str(folder / "logs"),
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
        "RABBITMQ_CONFIG_FILE": str(configuration),
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_ALLOW_INPUT": "yes",  # no shell between us and the server
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_ARGUMENTS,
    }


def greets(port: int) -> bool:
    """Whether it answers the AMQP header: the port is open some time before that."""
    try:
        with socket.create_connection((HOST, port), 1) as connection:
            connection.sendall(b"AMQP\x00\x00\x09\x01")
            return bool(connection.recv(1))
    except OSError:
        return False
