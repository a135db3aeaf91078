"""The exports of all tenants: made, shown, forgotten; a few are worked on at a time."""

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from copy import copy
from dataclasses import dataclass
from pathlib import Path

import structlog

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import ConflictError, NotFoundError
from llm_analytics_hub.query.exports.chunks import Reader
from llm_analytics_hub.query.exports.export import Export, Status
from llm_analytics_hub.query.exports.folder import ExportFolder
from llm_analytics_hub.query.exports.request import ExportBody, to_export
from llm_analytics_hub.query.exports.settings import ExportSettings
from llm_analytics_hub.query.exports.work import ForgottenError, Work
from llm_analytics_hub.query.service import QueryService

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class ExportFile:
    """A finished file that can be downloaded."""

    path: Path
    export: Export


class ExportDesk:
    """Takes wishes for exports and works on them in threads of its own. Safe for many threads.

    What another process left unfinished is taken up by `start`, or by the first call of any door.
    """

    def __init__(
        self,
        folder: Path,
        reader: Reader,
        queries: QueryService,
        clock: Clock,
        settings: ExportSettings,
    ) -> None:
        self._folder = ExportFolder(folder)
        self._clock, self._settings = clock, settings
        self._exports: dict[str, Export] = {}
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._workers: ThreadPoolExecutor | None = None
        self._work = Work(self._folder, reader, queries, clock, settings, self)

    def start(self) -> None:
        """Take up what was left unfinished; forget what is too old."""
        with self._lock:
            if self._workers is not None:
                return
            self._workers = ThreadPoolExecutor(self._settings.concurrency, "export")
            self._folder.sweep()
            self._exports = {export.id: export for export in self._folder.all()}
            for export in self._exports.values():
                if not export.is_over:
                    self._workers.submit(self._work.on, export)
        self.forget_old()

    def make(self, body: ExportBody, tenant: str) -> Export:
        """A new export, waiting for its turn.

        Raises: InvalidQueryError; ConflictError when the tenant has all the exports it may.
        """
        self.start()
        export = to_export(
            body,
            secrets.token_hex(16),
            tenant=tenant,
            now=self._clock.now(),
            destinations=self._settings.destinations,
        )
        with self._lock:
            self._check_room(tenant)
            self._exports[export.id] = export
            self._folder.save(export)
            assert self._workers is not None  # noqa: S101 - started above
            accepted = copy(export)
            self._workers.submit(self._work.on, export)
        return accepted

    def all(self, tenant: str) -> list[Export]:
        """The exports of a tenant, newest first."""
        self.start()
        self.forget_old()
        with self._lock:
            return [e for e in reversed(self._exports.values()) if e.tenant == tenant]

    def one(self, tenant: str, export_id: str) -> Export:
        """An export of a tenant. Raises: NotFoundError."""
        self.start()
        with self._lock:
            export = self._exports.get(export_id)
        if export is None or export.tenant != tenant:
            raise NotFoundError(f"no export {export_id[:64]!r}")
        return export

    def data(self, tenant: str, export_id: str) -> ExportFile:
        """The finished file. Raises: NotFoundError; ConflictError while or where there is none."""
        export = self.one(tenant, export_id)
        if export.error is not None:
            raise ConflictError(f"it failed: {export.error.message}", code="export_failed")
        if export.status is not Status.DONE:
            message = f"it is {export.status}: ask again when it is done"
            raise ConflictError(message, code="export_not_ready")
        if not export.file_at_hand:
            raise ConflictError(f"it was sent to {export.location}", code="export_sent")
        return ExportFile(self._folder.file(export), export)

    def drop(self, tenant: str, export_id: str) -> None:
        """End an export and forget it with its file. Raises: NotFoundError."""
        export = self.one(tenant, export_id)
        with self._lock:
            self._exports.pop(export.id, None)
            self._folder.drop(export)

    def forget_old(self) -> None:
        """Drop what is finished for longer than exports are kept."""
        until = self._clock.now() - self._settings.keep
        with self._lock:
            old = [e for e in self._exports.values() if e.is_over and (e.finished_at or e.made_at) < until]  # fmt: skip
        for export in old:
            self.drop(export.tenant, export.id)

    def keep(self, export: Export) -> None:
        """Write down how far an export is. Raises: ForgottenError if it was dropped meanwhile."""
        with self._lock:
            self.check(export)
            self._folder.save(export)

    def check(self, export: Export) -> None:
        """Raises: ForgottenError if work on `export` is to end."""
        if self._stop.is_set() or export.id not in self._exports:
            raise ForgottenError

    def used_bytes(self, tenant: str) -> int:
        """The bytes on disk of a tenant's exports."""
        with self._lock:
            own = [export for export in self._exports.values() if export.tenant == tenant]
        return sum(self._held_bytes(export) for export in own)

    def wait(self, seconds: float) -> bool:
        """Whether the desk was closed within that time."""
        return self._stop.wait(seconds)

    def close(self) -> None:
        """End the work where it is safe; the next start goes on from there."""
        self._stop.set()
        if self._workers is not None:
            self._workers.shutdown(cancel_futures=True)

    def _held_bytes(self, export: Export) -> int:
        if export.is_over:
            return (export.bytes or 0) if export.file_at_hand else 0
        return self._folder.used_bytes(export)

    def _check_room(self, tenant: str) -> None:
        self.forget_old()
        own = [export for export in self._exports.values() if export.tenant == tenant]
        if len(own) >= self._settings.kept_per_tenant:
            message = f"{len(own)} exports are kept, as many as may be: delete one"
            raise ConflictError(message, code="too_many_exports")
        if self.used_bytes(tenant) >= self._settings.bytes_per_tenant:
            message = f"exports hold {self._settings.bytes_per_tenant} bytes, as many as may be: delete one"  # fmt: skip
            raise ConflictError(message, code="too_many_export_bytes")
