"""`python -m benchmarks.run`: measures the hub beside the raw engine and prints one table.

Each metric has a process of its own, so that none inherits the memory or the threads of another.
"""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib.metadata import version
from multiprocessing import get_context
from pathlib import Path

from benchmarks import (
    alert_rules,
    brokers,
    decode_otlp,
    footprint,
    ingest,
    latency,
    live,
    notices,
    questions,
    raw_engine,
    start,
    traces,
)
from benchmarks.figure import Figure, Scale, table

Measure = Callable[[Scale], list[Figure]]

METRICS: Mapping[str, Measure] = {
    "raw": raw_engine.measure,
    "json": ingest.measure_json,
    "otlp": ingest.measure_otlp,
    "grpc": ingest.measure_grpc,
    "trace": traces.measure,
    "decode": decode_otlp.measure,
    "latency": latency.measure,
    "live": live.measure,
    "start": start.measure,
    "footprint": footprint.measure,
    "queries": questions.measure,
    "kafka": brokers.measure_kafka,
    "rabbitmq": brokers.measure_rabbitmq,
    "alerts": brokers.measure_alerts,
    "rules": alert_rules.measure,
    "notices": notices.measure,
}
QUICK = 0.1


def main() -> None:
    """Measure what was asked for and print it; exits with 1 where a metric could not be taken."""
    asked = _arguments()
    scale = Scale(QUICK if asked.quick else 1.0)
    figures, failed = [], []
    for name in asked.only:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        try:
            figures += _alone(METRICS[name], scale)
        except Exception as error:  # noqa: BLE001 - one metric less is no reason to lose the rest
            words = [f"{name} could not be measured: {error!r}", *getattr(error, "__notes__", ())]
            failed.append("\n".join(words))
    print(f"{_machine()}{', a tenth of the full amount' if asked.quick else ''}\n")
    print(table(figures))
    sys.exit("\n".join(failed) or None)


def _alone(measure: Measure, scale: Scale) -> list[Figure]:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(measure, scale).result()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a tenth of everything")
    parser.add_argument(
        "--only", type=_names, default=list(METRICS), help=f"some of {','.join(METRICS)}"
    )
    return parser.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := set(names) - METRICS.keys():
        raise argparse.ArgumentTypeError(f"no metric {', '.join(sorted(unknown))}")
    return [name for name in METRICS if name in names]


def _machine() -> str:
    """Processor, memory and the versions that matter, on one line."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    versions = (f"{name} {version(name)}" for name in ("chdb-core", "pyarrow"))
    parts = [
        f"{os.cpu_count()} x {_processor()}", f"{memory:.0f} GB memory", platform.system(),
        f"Python {platform.python_version()}", *versions,
    ]  # fmt: skip
    return ", ".join(parts)


def _processor() -> str:
    found = (line for line in _cpu_lines() if line.startswith("model name"))
    return next(found, platform.machine()).partition(":")[2].strip() or platform.machine()


def _cpu_lines() -> Iterable[str]:
    file = Path("/proc/cpuinfo")
    return file.read_text("utf-8").splitlines() if file.exists() else ()


if __name__ == "__main__":
    main()
