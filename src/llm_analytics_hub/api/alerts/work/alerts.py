"""Alerts as they are and as they were, with what keeps them quiet and who takes care of them."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from llm_analytics_hub.alerts.alerting import Alerting
from llm_analytics_hub.api.alerts.work.quiet import AlertFilter, Quiet
from llm_analytics_hub.api.alerts.work.shown import (
    Json,
    cut,
    maybe_moment,
    moment,
    said_of,
    shown_change,
    shown_transition,
)
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import ConflictError, NotFoundError
from llm_analytics_hub.model.alerts.alert import Acknowledgement, Alert, Phase
from llm_analytics_hub.model.alerts.labels import Labels

Before = tuple[datetime, str] | None


class AlertDesk:
    """The alerts of each tenant; nobody is told of those of others."""

    def __init__(self, alerting: Alerting, clock: Clock) -> None:
        self._alerting = alerting
        self._clock = clock

    def page(self, tenant: str, wanted: AlertFilter, before: Before, limit: int) -> Json:
        """Alerts that are wanted, the newest change first; `total` is how many there are."""
        quiet = Quiet(self._alerting, tenant, self._clock.now())
        found = sorted(self._wanted(tenant, wanted, quiet), key=_place, reverse=True)
        rest = [one for one in found if before is None or _place(one) < before]
        page, last = cut(rest, limit)
        return {
            "alerts": [self._shown(one, quiet) for one in page],
            "total": len(found),
            "next": _place(last) if last else None,
        }

    def one(self, tenant: str, fingerprint: str) -> Json:
        """One alert, and where it is told of. Raises: NotFoundError."""
        alert = self._find(tenant, fingerprint)
        quiet = Quiet(self._alerting, tenant, self._clock.now())
        places = self._alerting.desk.places(tenant, quiet.labels(alert))
        told = [
            {"route": one.route.name, "channels": one.route.channels, "group_key": one.key}
            for one in places
        ]
        return {**self._shown(alert, quiet), "routes": told}

    def acknowledge(self, tenant: str, fingerprint: str, by: str, note: str) -> Json:
        """The alert, of which somebody takes care. Raises: NotFoundError, ConflictError."""
        if not self._find(tenant, fingerprint).is_active:
            raise ConflictError("the alert is over: there is nothing to take care of")
        self._alerting.desk.acknowledge(tenant, fingerprint, by, note)
        return self.one(tenant, fingerprint)

    def unacknowledge(self, tenant: str, fingerprint: str) -> Json:
        """The alert, of which nobody takes care. Raises: NotFoundError; ConflictError if nobody did."""
        self._find(tenant, fingerprint)
        if self._given(tenant, fingerprint) is None:
            raise ConflictError("nobody has acknowledged the alert")
        self._alerting.desk.withdraw([fingerprint])
        return self.one(tenant, fingerprint)

    def history(
        self, tenant: str, rule: str | None, phase: Phase | None, before: Before, limit: int
    ) -> Json:
        """How alerts came to be so, the newest first."""
        store = self._alerting.store
        found = store.history(tenant, rule, phase, before, limit + 1)
        page, last = cut(found, limit)
        quiet = Quiet(self._alerting, tenant, self._clock.now())
        return {
            "history": [shown_transition(id_, one, quiet.labels(one.alert)) for id_, one in page],
            "next": (last[1].at, last[0]) if last else None,
        }

    def changes(self, tenant: str, before: Before, limit: int) -> Json:
        """Who defined, changed and removed what, the newest first."""
        found = self._alerting.store.changes(tenant, before, limit + 1)
        page, last = cut(found, limit)
        return {
            "changes": [shown_change(id_, one) for id_, one in page],
            "next": (last[1].at, last[0]) if last else None,
        }

    def _wanted(self, tenant: str, wanted: AlertFilter, quiet: Quiet) -> Iterator[Alert]:
        fits = wanted.fits
        for alert in self._alerting.book.alerts(tenant):
            if not wanted.takes(alert):
                continue
            labels = quiet.labels(alert)
            if fits(dict(labels)) and self._is(wanted, alert, labels, quiet):
                yield alert

    def _is(self, wanted: AlertFilter, alert: Alert, labels: Labels, quiet: Quiet) -> bool:
        flags: Mapping[str, bool] = {
            name: said
            for name in ("silenced", "inhibited", "acknowledged")
            if (said := getattr(wanted, name)) is not None
        }
        found = {
            "silenced": lambda: quiet.silenced_by(labels) is not None,
            "inhibited": lambda: quiet.is_inhibited(labels),
            "acknowledged": lambda: self._given(alert.tenant, alert.fingerprint) is not None,
        }
        return all(found[name]() is said for name, said in flags.items())

    def _find(self, tenant: str, fingerprint: str) -> Alert:
        alerts = self._alerting.book.alerts(tenant)
        found = next((one for one in alerts if one.fingerprint == fingerprint), None)
        if found is None:
            raise NotFoundError(f"there is no alert {fingerprint[:40]!r}")
        return found

    def _given(self, tenant: str, fingerprint: str) -> Acknowledgement | None:
        given = self._alerting.desk.acknowledgement(fingerprint)
        return given if given is not None and given.tenant == tenant else None

    def _shown(self, alert: Alert, quiet: Quiet) -> Json:
        told = self._alerting.texts.told(quiet.rule(alert), alert)
        given = self._given(alert.tenant, alert.fingerprint)
        times = ("began", "fired", "resolved", "seen")
        return {
            **said_of(alert, told.labels),
            "annotations": dict(told.annotations),
            "since": moment(alert.since),
            **{name: maybe_moment(getattr(alert, name)) for name in times},
            "unit": told.unit,
            "limit": told.limit,
            "detail": dict(alert.detail),
            "url": told.url,
            "silenced_by": quiet.silenced_by(told.labels),
            "inhibited": quiet.is_inhibited(told.labels),
            "acknowledged": given and {"by": given.by, "note": given.note, "at": moment(given.at)},
        }


def _place(alert: Alert) -> tuple[datetime, str]:
    return alert.since, alert.fingerprint
