"""Finished files to where they were asked for: a folder, or a bucket of S3."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from llm_analytics_hub.errors import UnavailableError
from llm_analytics_hub.query.exports.export import Export, manifest_of
from llm_analytics_hub.query.exports.settings import (
    AnyDestination,
    FolderDestination,
    S3Destination,
)

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

_BLOCK_BYTES = 8 * 1024 * 1024
_SECONDS = 30


def send(file: Path, export: Export, to: AnyDestination, go_on: Callable[[], None]) -> str:
    """Copy the file and its manifest; where they are now.

    The manifest comes last: who sees it has the whole file. `go_on` is called for each block and raises to give up.
    Raises: UnavailableError when the destination does not take it.
    """
    try:
        if isinstance(to, FolderDestination):
            return _to_folder(file, export, to)
        return _to_bucket(file, export, to, go_on)
    except OSError as error:
        raise UnavailableError(f"destination {export.destination}: {error}") from error


def key_of(export: Export) -> str:
    """Where the file stands at its destination: each tenant has a folder of its own."""
    return f"{export.tenant}/{export.prefix}{export.file_name}"


def _to_folder(file: Path, export: Export, to: FolderDestination) -> str:
    if not to.path.is_dir():
        raise UnavailableError(f"destination {export.destination}: its folder is not there")
    target = to.path / key_of(export)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    shutil.copyfile(file, part)
    part.replace(target)
    target.with_name(f"{export.id}.manifest.json").write_bytes(_manifest(export))
    return str(target)


def _to_bucket(file: Path, export: Export, to: S3Destination, go_on: Callable[[], None]) -> str:
    bucket = open_bucket(to)
    key = f"{to.bucket}/{to.prefix}{key_of(export)}"
    try:
        with file.open("rb") as source, bucket.open_output_stream(key, metadata=_facts(export)) as sink:  # fmt: skip
            while block := source.read(_BLOCK_BYTES):
                go_on()
                sink.write(block)
    except BaseException:
        # The library completes an upload that is left, whatever the reason.
        with contextlib.suppress(OSError):
            bucket.delete_file(key)
        raise
    arrived = bucket.get_file_info(key).size
    if arrived != export.bytes:
        raise UnavailableError(f"{key} has {arrived} bytes there, and {export.bytes} here")
    with bucket.open_output_stream(f"{key.removesuffix(export.file_name)}{export.id}.manifest.json") as sink:  # fmt: skip
        sink.write(_manifest(export))
    return f"s3://{key}"


def open_bucket(to: S3Destination) -> "FileSystem":
    """The file system of a destination."""
    # Imported late: AWS's library takes a tenth of a second to start.
    from pyarrow.fs import S3FileSystem

    asked: dict[str, Any] = {"connect_timeout": _SECONDS, "request_timeout": _SECONDS}
    if to.endpoint:
        address = urlsplit(to.endpoint)
        asked |= {"endpoint_override": address.netloc + address.path.rstrip("/"), "scheme": address.scheme}  # fmt: skip
    if to.region:
        asked["region"] = to.region
    if to.access_key and to.secret_key:
        asked["access_key"] = to.access_key.get_secret_value()
        asked["secret_key"] = to.secret_key.get_secret_value()
    return S3FileSystem(**asked)


def _facts(export: Export) -> dict[str, str]:
    return {
        "Content-Type": export.format.media_type,
        "sha256": export.sha256 or "",
        "rows": str(export.rows),
    }


def _manifest(export: Export) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest_of(export)), indent=2) + b"\n"
