"""The folder of exports: files, growing files, and a manifest beside each."""

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import structlog

from llm_analytics_hub.query.exports.export import EXPORT_ID, Export

log = structlog.get_logger(__name__)

_ENCODER, _DECODER = msgspec.json.Encoder(), msgspec.json.Decoder(Export)


class ExportFolder:
    """Files named by an export's id; a manifest is replaced as a whole, so it is never half."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def file(self, export: Export) -> Path:
        """The finished file."""
        return self.path / export.file_name

    def growing(self, export: Export) -> Path:
        """The file while it is made."""
        return self.path / f"{export.file_name}.part"

    def spool(self, export: Export) -> Path:
        """The rows of a format that cannot grow, as an Arrow stream, until they are all there."""
        return self.path / f"{export.id}.spool.part"

    def save(self, export: Export) -> None:
        """Replace the manifest; it is on the disk when this returns."""
        self.path.mkdir(parents=True, exist_ok=True)
        new = self.path / f"{export.id}.json.new"
        with new.open("wb") as file:
            file.write(_ENCODER.encode(export))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._manifest(export.id))

    def all(self) -> list[Export]:
        """What the manifests say, oldest first; one that makes no sense is left alone, and logged."""
        found = [self._read(path) for path in self.path.glob("*.json")]
        return sorted((e for e in found if e), key=lambda export: (export.made_at, export.id))

    def used_bytes(self, export: Export) -> int:
        """The bytes on disk of an export."""
        return sum(size for path in self._files(export.id) for size in _size(path))

    def drop_data(self, export: Export) -> None:
        """Forget the files of an export, but not that it was."""
        for path in self._files(export.id):
            if path != self._manifest(export.id):
                _remove(path)

    def drop_growing(self, export: Export) -> None:
        """Forget what was needed only to make the file."""
        for path in self._files(export.id):
            if ".part" in path.name:
                _remove(path)

    def drop(self, export: Export) -> None:
        """Forget an export; its manifest goes first, so that what is left is never taken up."""
        self._manifest(export.id).unlink(missing_ok=True)
        self.drop_data(export)

    def sweep(self) -> None:
        """Forget files that no manifest speaks of."""
        known = {path.name.split(".")[0] for path in self.path.glob("*.json")}
        for path in self.path.glob("*"):
            name = path.name.split(".")[0]
            if EXPORT_ID.fullmatch(name) and name not in known:
                _remove(path)

    def _manifest(self, export_id: str) -> Path:
        return self.path / f"{export_id}.json"

    def _files(self, export_id: str) -> list[Path]:
        return list(self.path.glob(f"{export_id}.*"))

    def _read(self, path: Path) -> Export | None:
        try:
            return _DECODER.decode(path.read_bytes())
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("export manifest unreadable", file=path.name, reason=str(error))
            return None


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)  # where a workbook's rows wait
    else:
        path.unlink(missing_ok=True)


def _size(path: Path) -> Iterator[int]:
    with contextlib.suppress(FileNotFoundError):  # it was renamed meanwhile
        yield path.stat().st_size
