"""The work on one export, from its turn to its end, whatever happens."""

from typing import Protocol

import structlog

from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import HubError, TooLargeError, UnavailableError
from llm_analytics_hub.query.exports.chunks import Reader, open_source
from llm_analytics_hub.query.exports.export import Export, Fault, Status, What
from llm_analytics_hub.query.exports.folder import ExportFolder
from llm_analytics_hub.query.exports.making import Making
from llm_analytics_hub.query.exports.request import DOWNLOAD, counting
from llm_analytics_hub.query.exports.sending import send
from llm_analytics_hub.query.exports.settings import ExportSettings
from llm_analytics_hub.query.service import QueryService

log = structlog.get_logger(__name__)

ATTEMPTS = 5
"""How often work goes on after something it needs was away."""


class ForgottenError(Exception):
    """The export was dropped, or the hub stops: leave everything as it is."""


class Register(Protocol):
    """Who knows which exports there are."""

    def keep(self, export: Export) -> None:
        """Write down how far it is. Raises: ForgottenError."""
        ...

    def check(self, export: Export) -> None:
        """Raises: ForgottenError."""
        ...

    def used_bytes(self, tenant: str) -> int:
        """Bytes of a tenant's exports."""
        ...

    def wait(self, seconds: float) -> bool:
        """Whether the hub stopped meanwhile."""
        ...


class Work:
    """Does the work of exports; holds nothing between two of them."""

    def __init__(
        self,
        folder: ExportFolder,
        reader: Reader,
        queries: QueryService,
        clock: Clock,
        settings: ExportSettings,
        register: Register,
    ) -> None:
        self._folder, self._reader, self._queries = folder, reader, queries
        self._clock, self._settings, self._register = clock, settings, register

    def on(self, export: Export) -> None:
        """Make the file, send it, and write down how it ended."""
        try:
            self._run(export)
        except ForgottenError:
            if not self._register.wait(0):  # the hub goes on: the export was dropped under way
                self._folder.drop(export)
        except HubError as error:
            self._fail(export, Fault(error.code, error.message))
        except OSError as error:
            self._fail(export, Fault("disk", f"the export could not be written: {error.strerror}"))
        except Exception as error:
            log.error("export failed", export=export.id, exc_info=error)
            self._fail(export, Fault("internal_error", "the hub made a mistake; it is in its log"))
            raise

    def _run(self, export: Export) -> None:
        export.status = Status.RUNNING
        self._register.keep(export)
        if export.expected_rows is None:
            export.expected_rows = self._count(export)
        self._patiently(export, self._make)
        if export.destination != DOWNLOAD:
            self._patiently(export, self._send)
        export.status, export.finished_at = Status.DONE, self._clock.now()
        self._register.keep(export)
        if export.location is not None:
            self._folder.drop_data(export)
        log.info("export done", export=export.id, tenant=export.tenant, rows=export.rows)

    def _patiently(self, export: Export, step: "Step") -> None:
        """Do a step; it goes on where it was when something was away for a while."""
        for attempt in range(ATTEMPTS):
            try:
                return step(export)
            except HubError as error:
                if not error.retryable or attempt == ATTEMPTS - 1:
                    raise
            self._register.wait(2.0**attempt)
            self._register.check(export)
        return None

    def _make(self, export: Export) -> None:
        making = Making(self._folder, export, self._watch)
        if self._folder.file(export).exists():
            making.measure()  # it was finished, but nobody was left to say so
        else:
            making.check_rest()
            rows = self._settings.chunk_rows
            making.make(open_source(export, self._reader, self._queries, rows))

    def _watch(self, export: Export) -> None:
        self._register.keep(export)
        if self._register.used_bytes(export.tenant) > self._settings.bytes_per_tenant:
            message = (
                f"exports may hold {self._settings.bytes_per_tenant} bytes: "
                "take a shorter time range or fewer columns, or delete other exports"
            )
            raise TooLargeError(message, code="too_many_export_bytes")

    def _send(self, export: Export) -> None:
        to = self._settings.destinations.get(export.destination)
        if to is None:
            raise UnavailableError(f"destination {export.destination} is no longer set up")
        file = self._folder.file(export)
        export.location = send(file, export, to, lambda: self._register.check(export))

    def _count(self, export: Export) -> int | None:
        if export.what is not What.EVENTS:
            return None
        try:
            asked = counting(export)
            rows = self._queries.answer(asked, tenant=export.tenant, door="export").rows
        except HubError:
            return None  # it is only for showing progress
        return int(rows.column(0)[0].as_py() or 0) if rows.num_rows else 0

    def _fail(self, export: Export, fault: Fault) -> None:
        self._folder.drop_data(export)
        export.status, export.error, export.finished_at = Status.FAILED, fault, self._clock.now()
        log.warning("export failed", export=export.id, tenant=export.tenant, reason=fault.message)
        try:
            self._register.keep(export)
        except ForgottenError:
            self._folder.drop(export)


class Step(Protocol):
    """A part of the work that can be done again."""

    def __call__(self, export: Export, /) -> None:
        """Do it."""
        ...
