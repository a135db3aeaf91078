"""Which sketch, at which grain: what states of ten million events cost to keep and to read (ADR 004).

    python -m benchmarks.rollup_sketches [events]

Made-up events spread evenly over a week: 12 models, 4 services, 400 users, log-normal latency.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from llm_analytics_hub.storage.clickhouse.connect import EmbeddedEngine

SKETCHES = {
    "t-digest": ("quantileTDigest", "(0.5)", "Float64", "latency", "quantilesTDigestMerge(0.5, 0.95, 0.99)"),
    "bfloat16": ("quantileBFloat16", "(0.5)", "Float64", "latency", "quantilesBFloat16Merge(0.5, 0.95, 0.99)"),
    "DDSketch 1 %": ("quantileDD", "(0.01, 0.5)", "Float64", "latency", "quantilesDDMerge(0.01, 0.5, 0.95, 0.99)"),
    "uniqCombined": ("uniqCombined", "", "String", "user", "uniqCombinedMerge"),
    "uniqHLL12": ("uniqHLL12", "", "String", "user", "uniqHLL12Merge"),
}  # fmt: skip
GRAINS = {"5 minutes": "toStartOfFiveMinutes(at)", "1 day": "toStartOfDay(at)"}
EVENTS = """
CREATE TABLE sketched ENGINE = MergeTree ORDER BY (toStartOfHour(at), model) AS
SELECT toDateTime64('2026-11-01 00:00:00', 6, 'UTC') + toIntervalMicrosecond(number * {step:UInt64}) AS at,
    concat('model-', toString(rand(1) % 12)) AS model, concat('service-', toString(rand(2) % 4)) AS service,
    exp(6 + randNormal(0, 1)) AS latency, concat('user-', toString(rand(3) % 400)) AS user
FROM numbers({events:UInt64})
"""


def main(events: int) -> None:
    """Print one line per sketch and grain."""
    with tempfile.TemporaryDirectory() as folder:
        engine = EmbeddedEngine(Path(folder), readers=1)
        engine.command(EVENTS, {"events": events, "step": 7 * 86_400_000_000 // events})
        scan = _milliseconds(
            engine,
            "SELECT model, quantilesTDigest(0.5, 0.95, 0.99)(latency) FROM sketched GROUP BY model",
        )
        print(f"{'scan of the events':24s} {events:>10,d} rows {scan:8.1f} ms")
        for line in _lines(engine):
            print(line)
        engine.close()


def _lines(engine: EmbeddedEngine) -> Iterator[str]:
    for grain, bucket in GRAINS.items():
        for name, (function, levels, kind, column, merge) in SKETCHES.items():
            table = f"rolled_{abs(hash((grain, name)))}"
            engine.command(
                f"CREATE TABLE {table} (bucket DateTime, model String, service String, "
                f"state AggregateFunction({function}{levels}, {kind})) "
                "ENGINE = AggregatingMergeTree ORDER BY (bucket, model, service)"
            )
            began = perf_counter()
            engine.command(
                f"INSERT INTO {table} SELECT {bucket} AS bucket, model, service, "
                f"{function}State{levels}({column}) FROM sketched GROUP BY bucket, model, service"
            )
            built = (perf_counter() - began) * 1000
            rows, size = _size(engine, table)
            read = _milliseconds(
                engine, f"SELECT model, {merge}(state) FROM {table} GROUP BY model"
            )
            yield (
                f"{name + ', ' + grain:24s} {rows:>10,d} rows {read:8.1f} ms to merge, "
                f"{size / rows:6.0f} bytes a row, {built:7.0f} ms to build"
            )


def _size(engine: EmbeddedEngine, table: str) -> tuple[int, int]:
    sql = (
        "SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND table = {t:String}"
    )
    found = engine.query(sql, {"t": table})[0]
    return found.column(0)[0].as_py(), found.column(1)[0].as_py()


def _milliseconds(engine: EmbeddedEngine, sql: str, runs: int = 5) -> float:
    times = []
    for _ in range(runs):
        began = perf_counter()
        engine.query(sql)
        times.append((perf_counter() - began) * 1000)
    return sorted(times)[runs // 2]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
