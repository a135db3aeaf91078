"""The current rules of every tenant, and who is told when they change."""

import threading
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from llm_analytics_hub.alerts.rules.checking import check_files
from llm_analytics_hub.alerts.rules.defined import OfTenant, read_defined
from llm_analytics_hub.alerts.rules.entry import Entries, Entry
from llm_analytics_hub.alerts.rules.files import (
    DEFAULT_TENANT,
    Filed,
    parse_documents,
    read_rules,
)
from llm_analytics_hub.alerts.rules.layers import merged
from llm_analytics_hub.clock import Clock
from llm_analytics_hub.errors import NotFoundError
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.model.alerts.rule import Rule
from llm_analytics_hub.storage.alert_store import AlertStore

Tenants = Callable[[], Iterable[str]]


class RuleShelf:
    """Rules and budgets, which share their names. Safe for many threads; reading never waits.

    `tenants` names those that have the shipped rules, beside all that have rules of their own.
    Callbacks are called by the thread that made the change, one change after the other.
    Raises: InvalidRuleError that tells all faults of `files`, UnavailableError without its store.
    """

    def __init__(
        self,
        store: AlertStore,
        files: Sequence[Path],
        clock: Clock,
        tenants: Tenants = lambda: (DEFAULT_TENANT,),
    ) -> None:
        self._store, self._clock, self._tenants = store, clock, tenants
        self._turn = threading.RLock()
        self._changed: list[Callable[[], None]] = []
        self._gone: list[Callable[[Rule], object]] = []
        self._filed = _filed(files)
        self._defined = read_defined(store)
        self._entries: dict[str, Entries] = {}
        self.refresh()
        check_files(self._filed, self._entries)

    def rules(self, tenant: str | None = None, /) -> Sequence[Rule]:
        """The rules and budgets of a tenant, or of all, that are not switched off, by name."""
        wanted = self._known() if tenant is None else (tenant,)
        entries = (entry for name in wanted for entry in self._of(name).values())
        return [entry.rule for entry in entries if not entry.is_off]

    def rule(self, tenant: str, name: str, /) -> Rule:
        """One that is not switched off. Raises: NotFoundError."""
        entry = self.entry(tenant, name)
        if entry.is_off:
            raise NotFoundError(f"the rule {name[:80]!r} is switched off")
        return entry.rule

    def entries(self, tenant: str, /) -> Sequence[Entry]:
        """Everything a tenant has, with where it comes from; defaults that are off, too."""
        return list(self._of(tenant).values())

    def entry(self, tenant: str, name: str, /) -> Entry:
        """One of them. Raises: NotFoundError."""
        found = self._of(tenant).get(name)
        if found is None:
            raise NotFoundError(f"there is no rule {name[:80]!r}")
        return found

    def versions(
        self, tenant: str, name: str, /, kind: DefinitionKind = DefinitionKind.RULE
    ) -> Sequence[Definition]:
        """Every version that people made of one, the newest first."""
        return self._store.versions(kind, tenant, name)

    def on_change(self, callback: Callable[[], None], /) -> None:
        """Have `callback` called after rules changed."""
        self._changed.append(callback)

    def on_gone(self, callback: Callable[[Rule], object], /) -> None:
        """Have `callback` called with each rule that is there no more, or is of another kind."""
        self._gone.append(callback)

    def refresh(self) -> None:
        """Take up tenants that are new; cheap where there are none."""
        with self._turn:
            new = [name for name in self._known() if name not in self._entries]
            for name in new:
                self._entries[name] = self._merge(name, self._defined.get(name, {}))
            if new:
                self._tell([])

    def reload(self) -> None:
        """Take up what another process defined. Raises: UnavailableError."""
        with self._turn:
            defined = read_defined(self._store)
            for tenant in {*self._known(), *defined}:
                self._install(tenant, defined.get(tenant, {}))

    def _known(self) -> list[str]:
        return sorted({DEFAULT_TENANT, *self._tenants(), *self._filed, *self._defined})

    def _of(self, tenant: str) -> Entries:
        """What a tenant has; of one that nobody named, what is shipped."""
        found = self._entries.get(tenant)
        return self._merge(tenant, self._defined.get(tenant, {})) if found is None else found

    def _merge(self, tenant: str, defined: OfTenant) -> Entries:
        return merged(tenant, defined.values(), self._filed.get(tenant, ()))

    def _install(self, tenant: str, defined: OfTenant) -> None:
        before = self._of(tenant)
        self._defined = {**self._defined, tenant: defined}
        self._entries[tenant] = after = self._merge(tenant, defined)
        if before != after:
            self._tell([one.rule for name, one in before.items() if _is_gone(one, after.get(name))])

    def _tell(self, gone: Iterable[Rule]) -> None:
        for rule in gone:
            for told in self._gone:
                told(rule)
        for callback in self._changed:
            callback()


def _is_gone(before: Entry, after: Entry | None) -> bool:
    is_here = after is not None and not after.is_off and after.rule.kind == before.rule.kind
    return not before.is_off and not is_here


def _filed(files: Iterable[Path]) -> dict[str, list[Filed]]:
    found: dict[str, list[Filed]] = {}
    for one in parse_documents([document for file in files for document in read_rules(file)]):
        found.setdefault(one.tenant, []).append(one)
    return found
