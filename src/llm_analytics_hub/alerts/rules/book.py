"""The current rules of every tenant: shipped ones, those of files, and those that people define."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from llm_analytics_hub.alerts.rules.checking import check_change
from llm_analytics_hub.alerts.rules.defined import with_new
from llm_analytics_hub.alerts.rules.entry import Entry
from llm_analytics_hub.alerts.rules.faults import Fault, InvalidRuleError
from llm_analytics_hub.alerts.rules.given import Given, given_text, parse_given
from llm_analytics_hub.alerts.rules.shelf import RuleShelf
from llm_analytics_hub.alerts.rules.switch import Switch
from llm_analytics_hub.errors import ConflictError, NotFoundError
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind


class RuleBook(RuleShelf):
    """Rules that people change; each change is stored, as a new version, before it counts."""

    def put(
        self,
        tenant: str,
        body: Mapping[str, Any],
        by: str,
        expected: int | None = None,
        kind: DefinitionKind = DefinitionKind.RULE,
    ) -> Entry:
        """Define a rule or budget, anew or as its next version; `expected` is the one it has now.

        Raises: InvalidRuleError that tells all faults; ConflictError where a file has it, or where
        it is at another version (0 = not there).
        """
        given = parse_given(body, kind, tenant=tenant)
        with self._turn:
            self._define(tenant, kind, {given.name: given}, by, _wanted(given.name, expected))
            return self.entry(tenant, given.name)

    def put_all(
        self,
        tenant: str,
        bodies: Sequence[Mapping[str, Any]],
        by: str,
        kind: DefinitionKind = DefinitionKind.RULE,
    ) -> list[Entry]:
        """Define several, all or none; fields of faults begin with the place among `bodies`.

        Raises: as `put`.
        """
        given = _all(bodies, kind, tenant)
        with self._turn:
            self._define(tenant, kind, given, by, {})
            return [self.entry(tenant, name) for name in given]

    def remove(
        self,
        tenant: str,
        name: str,
        by: str,
        expected: int | None = None,
        kind: DefinitionKind = DefinitionKind.RULE,
    ) -> None:
        """Forget what people defined; a default that it replaced works again.

        Raises: NotFoundError; ConflictError for one of a file, for a default, and for one that
        others are made of.
        """
        with self._turn:
            entry = self.entry(tenant, name)
            if entry.kind is not kind:
                raise NotFoundError(f"there is no {kind} {name[:80]!r}")
            if entry.is_shipped:
                raise ConflictError(f"{name} is shipped: put {{kind: default, off: true}} instead")
            self._define(tenant, kind, {name: None}, by, _wanted(name, expected))

    def pause(
        self,
        tenant: str,
        name: str,
        by: str,
        *,
        is_paused: bool = True,
        expected: int | None = None,
    ) -> Entry:
        """Pause a rule, or have it go on. Raises: NotFoundError, ConflictError for one of a file."""
        with self._turn:
            entry = self.entry(tenant, name)
            given: Given = replace(entry.rule, is_paused=is_paused)
            if entry.rule.is_default:
                given = Switch(name, entry.is_off, is_paused)
            self._define(tenant, entry.kind, {name: given}, by, _wanted(name, expected))
            return self.entry(tenant, name)

    def _define(
        self,
        tenant: str,
        kind: DefinitionKind,
        given: Mapping[str, Given | None],
        by: str,
        expected: Mapping[str, int],
    ) -> None:
        old, now = self._defined.get(tenant, {}), self._clock.now()
        new = {
            name: Definition(tenant, kind, name, 0, given_text(one) if one else None, by, now)
            for name, one in given.items()
        }
        planned = self._merge(tenant, with_new(old, given, new))
        check_change(self._of(tenant), planned, given, kind)
        stored = self._store.define(list(new.values()), expected=expected)
        self._install(tenant, with_new(old, given, {one.name: one for one in stored}))


def _all(
    bodies: Sequence[Mapping[str, Any]], kind: DefinitionKind, tenant: str
) -> dict[str, Given]:
    """What the bodies give, by name. Raises: InvalidRuleError that tells all faults."""
    found: dict[str, Given] = {}
    faults: list[Fault] = []
    for at, body in enumerate(bodies):
        try:
            given = parse_given(body, kind, tenant=tenant)
        except InvalidRuleError as error:
            faults += [Fault(f"{at}.{one.field}".rstrip("."), one.message) for one in error.faults]
            continue
        if given.name in found:
            faults.append(Fault(f"{at}.name", f"{given.name} is there twice"))
        found[given.name] = given
    if faults:
        raise InvalidRuleError(faults)
    return found


def _wanted(name: str, expected: int | None) -> dict[str, int]:
    return {} if expected is None else {name: expected}
