"""Exports to a bucket of a real S3 server: the object, its manifest, and a server that is away."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.fs as fs
import pyarrow.parquet as pq
import pytest

from llm_analytics_hub.bootstrap import rules_of
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.normalize.normalizer import Arrival, normalize
from llm_analytics_hub.query.exports import work
from llm_analytics_hub.query.exports.desk import ExportDesk
from llm_analytics_hub.query.exports.export import Export, Status
from llm_analytics_hub.query.exports.request import ExportBody
from llm_analytics_hub.query.exports.sending import open_bucket
from llm_analytics_hub.query.exports.settings import ExportSettings, S3Destination
from llm_analytics_hub.query.service import QueryService
from llm_analytics_hub.settings import NormalizeSettings
from llm_analytics_hub.storage.interface import Table
from llm_analytics_hub.storage.memory import MemoryStore
from llm_analytics_hub.telemetry.metrics import Metrics

pytestmark = [pytest.mark.integration, pytest.mark.slow]

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
DAY = {"from": "2025-11-19", "to": "2025-11-20"}


@pytest.fixture(scope="module")
def lake() -> Iterator[S3Destination]:
    """An S3 server with a bucket."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    made = S3Destination(
        kind="s3", bucket="lake", prefix="hub/", endpoint=f"http://{host}:{port}",
        region="eu-central-1", access_key="testing", secret_key="testing",  # noqa: S106
    )  # fmt: skip
    root = fs.S3FileSystem(
        access_key="testing", secret_key="testing", endpoint_override=f"{host}:{port}",  # noqa: S106
        scheme="http", region="eu-central-1", allow_bucket_creation=True,
    )  # fmt: skip
    root.create_dir("lake")
    yield made
    server.stop()


def store_of(rows: int) -> MemoryStore:
    raw = [
        {"source": "costops", "event_type": "cost.recorded", "event_id": f"e{n}",
         "occurred_at": f"2025-11-19T0{n % 9}:00:00Z", "service": "s" * 200} for n in range(rows)
    ]  # fmt: skip
    store = MemoryStore()
    store.write(
        {Table.EVENTS: normalize(raw, Arrival("t", NOW), rules_of(NormalizeSettings())).events}
    )
    return store


def exported(folder: Path, to: S3Destination, rows: int = 300, **asked: Any) -> Export:
    """An export that is over."""
    store, clock = store_of(rows), ManualClock(NOW)
    queries = QueryService(store, clock, Metrics())
    settings = ExportSettings(destinations={"lake": to}, chunk_rows=100)
    desk = ExportDesk(folder, store, queries, clock, settings)
    body = {"what": "events", "time_range": DAY, "destination": "lake", **asked}
    made = desk.make(ExportBody.model_validate(body), "t")
    assert desk._workers is not None
    desk._workers.submit(int).result()
    desk.close()
    return desk._exports[made.id]


def test_the_file_and_its_manifest_are_in_the_bucket(tmp_path: Path, lake: S3Destination) -> None:
    export = exported(tmp_path, lake, format="parquet", prefix="daily/")
    assert export.status is Status.DONE, export.error
    key = f"lake/hub/t/daily/{export.id}.parquet"
    assert export.location == f"s3://{key}"
    bucket = open_bucket(lake)
    with bucket.open_input_stream(key) as stream:
        data = stream.read()
        facts = {str(name): value for name, value in stream.metadata().items()}
    assert hashlib.sha256(data).hexdigest() == export.sha256
    assert facts["Content-Type"] == b"application/vnd.apache.parquet"
    with bucket.open_input_stream(f"lake/hub/t/daily/{export.id}.manifest.json") as stream:
        manifest = json.loads(stream.read())
    assert (manifest["rows"], manifest["bytes"]) == (300, len(data))
    assert manifest["sha256"] == export.sha256
    assert pq.read_table(key, filesystem=bucket).num_rows == 300
    assert [path.name for path in tmp_path.iterdir()] == [f"{export.id}.json"]


def test_no_secret_is_written_or_shown(tmp_path: Path, lake: S3Destination) -> None:
    assert "testing" not in repr(ExportSettings(destinations={"lake": lake}))
    exported(tmp_path, lake, format="csv")
    assert "testing" not in "".join(path.read_text() for path in tmp_path.iterdir())


def test_a_bucket_that_is_not_there_is_told(
    tmp_path: Path, lake: S3Destination, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "ATTEMPTS", 1)
    export = exported(tmp_path, lake.model_copy(update={"bucket": "nowhere"}), format="csv")
    assert export.status is Status.FAILED
    assert export.error is not None
    assert export.error.code == "unavailable"
    assert "destination lake" in export.error.message
    assert [path.name for path in tmp_path.iterdir()] == [f"{export.id}.json"]


def test_an_upload_that_is_given_up_leaves_no_object(tmp_path: Path, lake: S3Destination) -> None:
    from llm_analytics_hub.query.exports.sending import send

    file = tmp_path / "x.csv"
    file.write_bytes(b"x" * 20_000_000)
    export = exported(tmp_path / "done", lake, format="csv")
    export.id = "0" * 32
    blocks = iter([None, None])

    def go_on() -> None:
        if next(blocks, True):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        send(file, export, lake, go_on)
    found = open_bucket(lake).get_file_info(f"lake/hub/t/{export.file_name}")
    assert found.type is fs.FileType.NotFound
