"""Routing and silences through the desk: versions, bounds, and what comes back after a restart."""

import json
from datetime import timedelta

import pytest

from llm_analytics_hub.alerts.routing.desk import RoutingDesk
from llm_analytics_hub.alerts.routing.silence_book import LISTED_AFTER_END
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.errors import ConflictError, InvalidInputError, NotFoundError
from llm_analytics_hub.model.alerts.definition import Definition, DefinitionKind
from llm_analytics_hub.storage.memory_alerts import MemoryAlertStore

from .world import START, TENANT

CHANNELS = ("ops", "pager")
BODY = {"route": {"channels": ["pager"], "routes": [{"match": ["a=b"], "continue": True}]}}
SILENCE = {"match": ['service="a"'], "lasts": "2h", "reason": "deploy"}


class Desk:
    def __init__(self) -> None:
        self.store, self.clock = MemoryAlertStore(), ManualClock(START)
        self.told: list[str] = []
        self.open()

    def open(self) -> RoutingDesk:
        self.desk = RoutingDesk(self.store, self.clock, CHANNELS)
        self.desk.on_change(self.told.append)
        return self.desk

    def wait(self, span: timedelta) -> None:
        self.clock.set(self.clock.now() + span)


@pytest.fixture
def at() -> Desk:
    return Desk()


def test_routing_is_kept_in_versions_and_read_back(at: Desk) -> None:
    assert at.desk.routing(TENANT).root.channels == CHANNELS
    first = at.desk.put(TENANT, BODY, "ada", expected=0)
    assert (first.version, at.told) == (1, [TENANT])
    with pytest.raises(ConflictError):
        at.desk.put(TENANT, {"route": {"channels": ["ops"]}}, "bob", expected=0)
    kept = at.desk.routing(TENANT)
    assert at.open().routing(TENANT) == kept
    assert kept.root.routes[0].goes_on
    at.desk.remove(TENANT, "bob")
    assert at.open().routing(TENANT).root.channels == CHANNELS
    assert [one.by for one in at.desk.versions(TENANT)] == ["bob", "ada"]
    assert at.desk.definition(TENANT) is None
    with pytest.raises(NotFoundError):
        at.desk.remove(TENANT, "bob")


def test_what_is_kept_is_what_was_written(at: Desk) -> None:
    kept = at.desk.put(TENANT, BODY, "ada")
    assert json.loads(kept.body or "") == BODY


def test_unknown_channels_are_refused_but_do_not_stop_a_start(at: Desk) -> None:
    with pytest.raises(InvalidInputError, match="no channel 'mail'"):
        at.desk.put(TENANT, {"route": {"channels": ["mail"]}}, "ada")
    at.desk.put(TENANT, BODY, "ada")
    desk = RoutingDesk(at.store, at.clock, ("ops",))
    assert desk.routing(TENANT).root.channels == ("pager",)


def test_what_cannot_be_read_any_more_does_not_stop_a_start(at: Desk) -> None:
    for kind, name in ((DefinitionKind.ROUTING, "routing"), (DefinitionKind.SILENCE, "s")):
        at.store.define([Definition(TENANT, kind, name, 0, '{"route": 1}', "ada", START)])
    desk = at.open()
    assert desk.routing(TENANT).root.channels == CHANNELS
    assert desk.silences.all(TENANT) == []


def test_a_silence_is_created_edited_expired_listed_and_pruned(at: Desk) -> None:
    made = at.desk.silences.create(TENANT, SILENCE, "ada")
    assert (made.starts, made.ends, made.by) == (START, START + timedelta(hours=2), "ada")
    at.wait(timedelta(hours=1))
    edited = at.desk.silences.edit(TENANT, made.id, {**SILENCE, "reason": "longer"}, "bob")
    assert (edited.starts, edited.ends) == (START, START + timedelta(hours=3))
    assert at.open().silences.all(TENANT) == [edited]
    ended = at.desk.silences.expire(TENANT, made.id, "eve")
    assert ended.ends == at.clock.now()
    with pytest.raises(ConflictError):
        at.desk.silences.edit(TENANT, made.id, SILENCE, "bob")
    at.wait(LISTED_AFTER_END - timedelta(seconds=1))
    assert (at.desk.silences.all(TENANT), at.desk.silences.prune()) == ([ended], 0)
    at.wait(timedelta(seconds=1))
    assert (at.desk.silences.all(TENANT), at.desk.silences.prune()) == ([], 1)
    assert at.open().silences.all(TENANT) == []
    assert [one.by for one in at.desk.silences.versions(TENANT, made.id)] == ["hub", "eve", "bob", "ada"]  # fmt: skip


def test_tenants_do_not_see_each_other(at: Desk) -> None:
    made = at.desk.silences.create(TENANT, SILENCE, "ada")
    at.desk.put(TENANT, BODY, "ada")
    assert at.desk.silences.all("other") == []
    assert at.desk.routing("other").root.channels == CHANNELS
    with pytest.raises(NotFoundError):
        at.desk.silences.expire("other", made.id, "eve")


def test_a_silence_that_did_not_begin_yet_ends_before_it_begins(at: Desk) -> None:
    later = (START + timedelta(days=1)).isoformat()
    made = at.desk.silences.create(TENANT, {**SILENCE, "starts": later}, "ada")
    ended = at.desk.silences.expire(TENANT, made.id, "ada")
    labels = (("service", "a"),)
    assert ended.starts == ended.ends == START
    assert at.desk.silences.silencer(TENANT).freed(labels, START) is None


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"match": []}, "match"),
        ({"match": ["a=~(a+)+"]}, "match[0]"),
        ({"lasts": None}, "ends"),
        ({"ends": "2026-01-06"}, "ends"),
        ({"lasts": "2 hours"}, "lasts"),
        ({"lasts": "9999d"}, "lasts"),
        ({"lasts": None, "ends": "2020-01-01T00:00:00Z"}, "ends"),
        ({"lasts": None, "ends": "3020-01-01T00:00:00Z"}, "ends"),
        ({"starts": "3020-01-01T00:00:00Z"}, "starts"),
        ({"starts": "soon"}, "starts"),
        ({"reason": "  "}, "reason"),
        ({"kind": "nap"}, "kind"),
        ({"by": "me"}, "by"),
    ],
)
def test_a_wrong_silence_is_refused_with_its_place(
    at: Desk, change: dict[str, object], place: str
) -> None:
    with pytest.raises(InvalidInputError) as raised:
        at.desk.silences.create(TENANT, {**SILENCE, **change}, "ada")
    assert (raised.value.field, raised.value.code) == (place, "invalid_silence")


def test_who_reads_silences_while_old_ones_are_removed_sees_them_all() -> None:
    at = Desk()
    at.desk.silences.create(TENANT, SILENCE, "ada")
    being_read = at.desk.silences._silences[TENANT]
    at.clock.set(START + LISTED_AFTER_END + timedelta(days=1))
    assert at.desk.silences.prune() == 1
    assert len(being_read) == 1
    assert at.desk.silences.all(TENANT) == []
