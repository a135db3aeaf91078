"""Values of alerting as JSON."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from llm_analytics_hub.model.alerts.alert import Alert, Transition
from llm_analytics_hub.model.alerts.definition import Definition
from llm_analytics_hub.model.alerts.labels import Labels

Json = dict[str, Any]
Item = TypeVar("Item")


def moment(at: datetime) -> str:
    """As everywhere in the API."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def maybe_moment(at: datetime | None) -> str | None:
    """The same, null for never."""
    return None if at is None else moment(at)


def cut(found: Sequence[Item], limit: int) -> tuple[Sequence[Item], Item | None]:
    """A page of what was asked one more of, and its last where there is more."""
    page = found[:limit]
    return page, page[-1] if len(found) > limit else None


def said_of(alert: Alert, labels: Labels) -> Json:
    """What is said of an alert wherever it is listed."""
    return {
        "fingerprint": alert.fingerprint,
        "rule": alert.rule,
        "state": alert.phase.value,
        "severity": alert.level.value if alert.level else None,
        "labels": dict(labels),
        "value": alert.value,
        "count": alert.count,
    }


def shown_transition(number: str, one: Transition, labels: Labels) -> Json:
    """A line of the history."""
    change = {"id": number, "at": moment(one.at), "before": one.before.value}
    return change | said_of(one.alert, labels)


def shown_version(one: Definition) -> Json:
    """A version of what people define; `definition` is null where it was removed."""
    return {
        "version": one.version,
        "by": one.by,
        "at": moment(one.at),
        "action": _action(one),
        "definition": None if one.body is None else json.loads(one.body),
    }


def shown_change(number: str, one: Definition) -> Json:
    """A line of the audit."""
    return {"id": number, "kind": one.kind.value, "name": one.name, **shown_version(one)}


def _action(one: Definition) -> str:
    if one.body is None:
        return "removed"
    return "created" if one.version == 1 else "changed"
