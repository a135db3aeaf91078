"""A hub with alerts, its doors without a network, and alerts that fire when a test says so."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest

from llm_analytics_hub.alerts.alerting import Alerting
from llm_analytics_hub.bootstrap import Hub, open_doors, open_hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.model.alerts.alert import Finding, Judgement
from llm_analytics_hub.model.alerts.labels import Labels, fingerprint, labels_of
from llm_analytics_hub.model.alerts.levels import Level
from llm_analytics_hub.settings import Settings, load_settings

NOW = datetime(2025, 11, 19, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
NUMBERS = count()
ROOT = "/api/v1/alerts"
RULE = {
    "kind": "threshold", "measure": "error_rate", "by": ["model"], "window": "5m",
    "warning": {"above": "1%"}, "critical": {"above": "5%"}, "labels": {"team": "ml"},
    "summary": "{{ labels.model }} fails in {{ value }} of its calls",
}  # fmt: skip
BUDGET = {"amount": "100 USD", "period": "month", "by": ["model"]}


@dataclass
class Site:
    """A tenant's client of a hub, and the hub."""

    http: httpx.AsyncClient
    hub: Hub
    clock: ManualClock
    tenant: str
    bad: dict[tuple[str, Labels], Finding] = field(default_factory=dict)

    @property
    def alerting(self) -> Alerting:
        """Alerting, which nothing has begun: tests say when rules are judged."""
        return self.hub.alerting.opened()

    def of(self, tenant: str) -> "Site":
        """The same for another tenant."""
        return Site(self.http, self.hub, self.clock, tenant)

    async def ask(self, method: str, path: str, status: int = 200, **said: Any) -> Any:
        """The JSON of an answer of that status."""
        headers = {"x-tenant": self.tenant, **said.pop("headers", {})}
        answer = await self.http.request(method, f"{ROOT}/{path}", headers=headers, **said)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def tag(self, method: str, path: str, **said: Any) -> str:
        """The ETag of an answer."""
        headers = {"x-tenant": self.tenant, **said.pop("headers", {})}
        answer = await self.http.request(method, f"{ROOT}/{path}", headers=headers, **said)
        assert answer.status_code == 200, answer.text
        return answer.headers["etag"]

    def fire(self, rule: str, level: Level = Level.CRITICAL, **labels: str) -> str:
        """Have a group of a rule fire; the fingerprint of its alert."""
        entry, group = self.alerting.rules.entry(self.tenant, rule), labels_of(labels)
        self.bad[rule, group] = Finding(group, level, 0.25)
        bad = {one.labels: one for (of, _), one in self.bad.items() if of == rule}
        self.clock.set(self.clock.now() + MINUTE)
        said = Judgement(self.clock.now(), bad, frozenset(bad))
        self.alerting.book.judged(entry.rule, said)
        return fingerprint(self.tenant, rule, group)

    async def send(self, *events: Mapping[str, Any]) -> None:
        """Store events of the tenant."""
        headers = {"x-tenant": self.tenant}
        answer = await self.http.post("/api/v1/events", json=list(events), headers=headers)
        assert answer.json()["accepted"] == len(events), answer.text


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """Channels: the log, and a receiver that nobody is at."""
    folder = tmp_path_factory.mktemp("alerts") / "data"
    away = {"kind": "webhook", "url": "http://127.0.0.1:9/T0KEN", "tries": 1, "secret": "s" * 20}
    alerts = {"channels": {"log": {"kind": "log"}, "away": away}}
    return load_settings({"data_dir": folder, "ui": False, "alerts": alerts}, environ={})


@pytest.fixture(scope="module")
def hub(settings: Settings) -> Iterator[Hub]:
    """The engine."""
    opened = open_hub(settings, ManualClock(NOW))
    yield opened
    opened.close()


@pytest.fixture
async def site(hub: Hub, settings: Settings) -> AsyncIterator[Site]:
    """A client of its doors, as a tenant of its own, at NOW."""
    clock = hub.clock
    assert isinstance(clock, ManualClock)
    clock.set(NOW)
    main = open_doors(hub, settings).main
    transport = httpx.ASGITransport(main, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://hub") as http:
        yield Site(http, hub, clock, f"tenant-{next(NUMBERS)}")
