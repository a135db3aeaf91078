"""Apache Kafka itself, one broker in KRaft mode: the jars are Maven Central's (`make services`)."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .missing import missing
from .process import HOST, Service, dies_with_parent, free_port

CLUSTER = "aHViLXRlc3RzLWNsdXN0ZQ"  # 16 bytes in base64, as its identifiers are
JARS = Path(__file__).parents[2] / ".services/kafka"
JAVA_OPTIONS = [
    # Small and soon up; the speed of long runs does not matter here.
    "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
]  # fmt: skip

CONFIGURATION = """
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{quorum}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
controller.quorum.voters=1@{host}:{quorum}
log.dirs={folder}/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
"""


@contextmanager
def kafka_server(folder: Path) -> Iterator[Service]:
    """A broker that keeps its topics in `folder`; `url` is its address, host:port."""
    java = shutil.which("java")
    if java is None or not (JARS / ".installed").exists():
        missing("kafka", "the jars of Kafka, or java, are not installed (make services)")
    port, properties = free_port(), folder / "server.properties"
    properties.write_text(
        CONFIGURATION.format(host=HOST, port=port, quorum=free_port(), folder=folder)
    )
    run = [java, *JAVA_OPTIONS, "-cp", f"{JARS}/*"]
    storage = ["kafka.tools.StorageTool", "format", "-t", CLUSTER, "-c", str(properties)]
    subprocess.run([*dies_with_parent(), *run, *storage], check=True, capture_output=True)
    with Service(f"{HOST}:{port}", port, [*run, "kafka.Kafka", properties], folder) as kafka:
        yield kafka
