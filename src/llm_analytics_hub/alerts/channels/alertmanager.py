"""Alerts to Prometheus' Alertmanager, told again and again as long as they go on."""

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Literal

import structlog
from pydantic import Field

from llm_analytics_hub.alerts.channels.addresses import WebAddress
from llm_analytics_hub.alerts.channels.base import ChannelBase, Surroundings
from llm_analytics_hub.alerts.channels.channel import ChannelError
from llm_analytics_hub.alerts.channels.posting import Poster, check_ca_file
from llm_analytics_hub.alerts.channels.webhook import HeaderName, HeaderValue
from llm_analytics_hub.alerts.channels.webhook_body import starts, written
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.model.alerts.alert import Told
from llm_analytics_hub.model.alerts.routing import Notice

log = structlog.get_logger(__name__)

PATH = "/api/v2/alerts"
LIVES = 4
"""An alert ends by itself after so many times `refresh` without news, as Prometheus has it."""

MOST_AT_ONCE = 500
"""Alerts of one request, when all that go on are told again."""

Posted = dict[str, object]


class AlertmanagerSettings(ChannelBase):
    """One Alertmanager, or all of a cluster: each is told, and one that took it is enough."""

    kind: Literal["alertmanager"] = "alertmanager"
    urls: tuple[WebAddress, ...] = Field(
        min_length=1, max_length=20, description="base addresses, such as http://alertmanager:9093"
    )
    headers: dict[HeaderName, HeaderValue] = Field(
        {}, max_length=50, description="more headers, such as Authorization; kept secret"
    )
    refresh: timedelta = Field(
        timedelta(minutes=1),
        ge=timedelta(seconds=1),
        le=timedelta(minutes=15),
        description="how often alerts that go on are told again; they end by themselves after four times this",
    )
    ca_file: Path | None = Field(
        None, description="certificates of authorities to trust; default: the public ones"
    )

    def open(self, name: str, given: Surroundings, /) -> "AlertmanagerChannel":
        """The channel. Raises: SettingsError for a `ca_file` that holds no certificates."""
        check_ca_file(self.ca_file)
        return AlertmanagerChannel(name, self, given.clock)


class AlertmanagerChannel:
    """POSTs alerts, remembers those that go on, and tells them again when `refresh` is called."""

    def __init__(self, name: str, chosen: AlertmanagerSettings, clock: Clock) -> None:
        self.name = name
        self.refresh_seconds = chosen.refresh.total_seconds()
        self._clock = clock
        own = {key: value.get_secret_value() for key, value in chosen.headers.items()}
        self._headers = {**own, "Content-Type": "application/json"}
        self._posters = [
            Poster(
                url.get_secret_value().rstrip("/") + PATH, clock,
                timeout_seconds=chosen.timeout_seconds, ca_file=chosen.ca_file,
            )
            for url in chosen.urls
        ]  # fmt: skip
        # All at once: one that is down delays no other.
        self._threads = ThreadPoolExecutor(len(self._posters), f"alertmanager {name}")
        self._going_on: dict[str, dict[str, Posted]] = {}

    def prepare(self) -> None:
        """Load what it needs."""
        for poster in self._posters:
            poster.prepare()

    def payload(self, notice: Notice) -> str:
        """The alerts; those that go on have no end."""
        return json.dumps([*_firing(notice).values(), *_resolved(notice)])

    def send(self, notice: Notice) -> None:
        """POST the alerts; those that go on are told again from now on. Raises: ChannelError."""
        renamed = self._renamed(notice)
        self.remember(notice)
        self._post([*renamed, *_firing(notice).values(), *_resolved(notice)])

    def send_again(self, payload: str) -> None:
        """POST what `payload` made. Raises: ChannelError."""
        self._post(json.loads(payload))

    def remember(self, notice: Notice) -> None:
        """The alerts of this group that go on, in place of what they were before."""
        if notice.firing:
            self._going_on[_group(notice)] = _firing(notice)
        else:
            self._going_on.pop(_group(notice), None)

    def refresh(self) -> None:
        """Tell all that goes on again. Raises: ChannelError."""
        # An alert may be in several groups of several routes.
        groups = self._going_on.values()
        alerts = list(
            {str(one["labels"]): one for group in groups for one in group.values()}.values()
        )
        for start in range(0, len(alerts), MOST_AT_ONCE):
            self._post(alerts[start : start + MOST_AT_ONCE])

    def close(self) -> None:
        """Close connections."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        for poster in self._posters:
            poster.close()

    def _post(self, alerts: Sequence[Posted]) -> None:
        ends = written(self._clock.now() + timedelta(seconds=LIVES * self.refresh_seconds))
        # Its own end comes first: that of what is over stays.
        body = json.dumps([{"endsAt": ends, **one} for one in alerts]).encode()
        errors = self._errors(body)
        if len(errors) == len(self._posters):
            raise min(errors, key=lambda error: error.is_final)
        for error in errors:
            log.warning("alertmanager failed", channel=self.name, error=error.message)

    def _errors(self, body: bytes) -> Sequence[ChannelError]:
        if len(self._posters) == 1:
            found = [self._tried(self._posters[0], body)]
        else:
            found = list(self._threads.map(lambda one: self._tried(one, body), self._posters))
        return [error for error in found if error]

    def _tried(self, poster: Poster, body: bytes) -> ChannelError | None:
        try:
            poster.post(body, self._headers)
        except ChannelError as error:
            return error
        return None

    def _renamed(self, notice: Notice) -> Sequence[Posted]:
        """The end of alerts that have other labels by now, as a graver `severity`."""
        told = {one.alert.fingerprint: _posted(one) for one in (*notice.firing, *notice.resolved)}
        before = self._going_on.get(_group(notice), {})
        ended = {"endsAt": written(notice.at)}
        return [
            {**old, **ended}
            for name, old in before.items()
            if name in told and told[name]["labels"] != old["labels"]
        ]


def _group(notice: Notice) -> str:
    return f"{notice.tenant}/{notice.group_key}"


def _firing(notice: Notice) -> dict[str, Posted]:
    return {one.alert.fingerprint: _posted(one) for one in notice.firing}


def _resolved(notice: Notice) -> list[Posted]:
    ended = ((one, one.alert.resolved or notice.at) for one in notice.resolved)
    return [{**_posted(one), "endsAt": written(end)} for one, end in ended]


def _posted(told: Told) -> Posted:
    # The tenant is part of what an alert is; the hub's own labels win over one of that name.
    labels = {**dict(told.labels), "tenant": told.alert.tenant}
    return {
        # It refuses names that are none of its own, and labels without a value.
        "labels": {_name(name): value for name, value in labels.items() if value},
        "annotations": {_name(name): text for name, text in told.annotations.items()},
        "startsAt": written(starts(told)),
        **({"generatorURL": told.url} if told.url else {}),
    }


def _name(name: str) -> str:
    """A name that Alertmanager takes: `attributes.team` becomes `attributes_team`."""
    made = "".join(c if c.isascii() and (c.isalnum() or c == "_") else "_" for c in name)
    return f"_{made}" if made[:1].isdigit() else made or "_"
