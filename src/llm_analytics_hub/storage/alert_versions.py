"""Which version follows which: the same for every store of definitions."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from llm_analytics_hub.errors import ConflictError
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind

Key = tuple[str, DefinitionKind, str]
"""Tenant, kind and name: what versions are of."""


def key_of(one: Definition) -> Key:
    """What `one` is a version of."""
    return one.tenant, one.kind, one.name


def follow(
    newest: Mapping[Key, Definition], new: Sequence[Definition], expected: Mapping[str, int]
) -> tuple[list[Definition], list[Definition]]:
    """What there is after `new`, one for each of it, and which of that must be added.

    `newest` are the newest versions of `new` now. Raises: ConflictError (see `AlertStore.define`).
    """
    for key in {key_of(one): None for one in new}:
        _check_expected(key, newest.get(key), expected.get(key[2]))
    current, answers, added = dict(newest), [], []
    for one in new:
        last = current.get(key_of(one))
        if one.body == (last.body if last else None):
            answers.append(last or replace(one, version=0))
            continue
        one = replace(one, version=(last.version if last else 0) + 1)
        current[key_of(one)] = one
        answers.append(one)
        added.append(one)
    return answers, added


def _check_expected(key: Key, last: Definition | None, expected: int | None) -> None:
    version = last.version if last and last.body is not None else 0
    if expected is None or expected == version:
        return
    _, kind, name = key
    found = f"is at version {version}" if version else "is not there"
    raise ConflictError(
        f"the {kind} {name!r} {found}, and version {expected} was expected: read it again, then"
        " change that",
        code="version_conflict",
    )
