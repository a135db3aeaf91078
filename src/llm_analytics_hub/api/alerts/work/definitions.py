"""Rules and budgets: looked at, defined, removed, paused."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from llm_analytics_hub.alerts.alerting import Alerting
from llm_analytics_hub.alerts.rules.body import rule_body
from llm_analytics_hub.alerts.rules.entry import Entry
from llm_analytics_hub.alerts.rules.faults import Fault, InvalidRuleError
from llm_analytics_hub.api.alerts.work.shown import Json, cut, maybe_moment, shown_version
from llm_analytics_hub.errors import InvalidInputError, NotFoundError, about
from llm_analytics_hub.model.alerts.definition import DefinitionKind

MOST_AT_ONCE = 1_000
LISTS = {"budgets": DefinitionKind.BUDGET, "rules": DefinitionKind.RULE}
"""Members of a body with several, in the order in which they are defined: rules may be of budgets."""


class DefinitionDesk:
    """The rules and budgets of each tenant."""

    def __init__(self, alerting: Alerting) -> None:
        self._alerting = alerting
        self._rules = alerting.rules

    def page(
        self,
        tenant: str,
        kind: DefinitionKind,
        limit: int,
        cursor: str | None = None,
        of_kind: str | None = None,
        contains: str = "",
    ) -> tuple[Sequence[Entry], str | None]:
        """Those of a kind by name, and the cursor of the next page."""
        found = [
            one
            for one in self._rules.entries(tenant)
            if one.kind is kind
            and (cursor is None or one.rule.name > cursor)
            and of_kind in (None, one.rule.kind)
            and contains in one.rule.name
        ]
        shown, last = cut(sorted(found, key=lambda one: one.rule.name), limit)
        return shown, last.rule.name if last else None

    def entry(self, tenant: str, kind: DefinitionKind, name: str) -> Entry:
        """One of them. Raises: NotFoundError."""
        found = self._rules.entry(tenant, name)
        if found.kind is not kind:
            raise NotFoundError(f"there is no {kind} {name[:80]!r}")
        return found

    def put(
        self,
        tenant: str,
        kind: DefinitionKind,
        name: str,
        body: Mapping[str, Any],
        by: str,
        expected: int | None,
    ) -> Entry:
        """Define one under the name of the path. Raises: InvalidRuleError, ConflictError."""
        if body.get("name", name) != name:
            with about("name"):
                raise InvalidInputError(f"name: the path says {name[:80]!r}: leave it out")
        return self._rules.put(tenant, {**body, "name": name}, by, expected, kind)

    def put_all(self, tenant: str, body: Mapping[str, Any], by: str) -> Json:
        """Define several, each list all or none. Raises: InvalidRuleError, ConflictError."""
        lists = lists_of(body)
        return {
            name: [self.shown(one) for one in self._put_all(tenant, name, bodies, by)]
            for name, bodies in lists.items()
        }

    def remove(
        self, tenant: str, kind: DefinitionKind, name: str, by: str, expected: int | None
    ) -> Json:
        """Forget one; `now` is the default that works again. Raises: NotFoundError, ConflictError."""
        self._rules.remove(tenant, name, by, expected, kind)
        left = [one for one in self._rules.entries(tenant) if one.rule.name == name]
        return {"removed": name, "now": self.shown(left[0]) if left else None}

    def pause(
        self,
        tenant: str,
        kind: DefinitionKind,
        name: str,
        by: str,
        expected: int | None,
        *,
        is_paused: bool,
    ) -> Entry:
        """Pause one, or have it go on. Raises: NotFoundError, ConflictError."""
        self.entry(tenant, kind, name)
        return self._rules.pause(tenant, name, by, is_paused=is_paused, expected=expected)

    def versions(self, tenant: str, kind: DefinitionKind, name: str) -> Json:
        """Every version that people made of one, the newest first. Raises: NotFoundError."""
        found = self._rules.versions(tenant, name, kind)
        if not found:
            self.entry(tenant, kind, name)
        return {"versions": [shown_version(one) for one in found]}

    def active(self, tenant: str) -> Counter[str]:
        """How many alerts of each rule are active."""
        alerts = self._alerting.book.alerts(tenant)
        return Counter(alert.rule for alert in alerts if alert.is_active)

    def shown(self, one: Entry, active: Counter[str] | None = None) -> Json:
        """One of them as JSON."""
        rule = one.rule
        counts = self.active(rule.tenant) if active is None else active
        state = self._alerting.evaluator.state(rule)
        return {
            "name": rule.name,
            "kind": rule.kind,
            "version": one.version,
            "source": one.source,
            "is_default": rule.is_default,
            "is_off": one.is_off,
            "is_paused": rule.is_paused,
            "active": counts[rule.name],
            "definition": rule_body(rule),
            "evaluation": {
                "moment": maybe_moment(state.moment),
                "at": maybe_moment(state.at),
                "took_ms": state.took_ms,
                "error": state.error,
                "failures": state.failures,
            },
        }

    def _put_all(self, tenant: str, name: str, bodies: Sequence[Any], by: str) -> Sequence[Entry]:
        if not bodies:
            return ()
        try:
            return self._rules.put_all(tenant, bodies, by, LISTS[name])
        except InvalidRuleError as error:
            faults = [Fault(f"{name}.{one.field}".rstrip("."), one.message) for one in error.faults]
            raise InvalidRuleError(faults) from error


def lists_of(body: Mapping[str, Any]) -> Mapping[str, Sequence[Any]]:
    """The lists of rules and budgets in a body. Raises: InvalidInputError."""
    lists = {name: body.get(name) or [] for name in LISTS}
    for name, bodies in lists.items():
        with about(name):
            if not isinstance(bodies, list):
                raise InvalidInputError(f"{name}: is a list of them")
    if not 0 < sum(map(len, lists.values())) <= MOST_AT_ONCE:
        with about("rules"):
            text = f"give 1 to {MOST_AT_ONCE:,} of them: {json.dumps({'rules': []})}"
            raise InvalidInputError(text)
    return lists
