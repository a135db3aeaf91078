"""What goes wrong on a platform, planted into quiet days; and which alerts are about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np

from llm_analytics_hub.simulator.catalogue import ACCOUNTS, MODELS, POLICIES, SERVICES

from .traffic import Column, Days, Traffic, moments

SLACK = timedelta(hours=1)
"""How long after its end an alert of an incident may still begin: windows reach back."""

MODEL = {one.name: place for place, one in enumerate(MODELS)}
SERVICE = {one.name: place for place, one in enumerate(SERVICES)}
ACCOUNT = {one.name: place for place, one in enumerate(ACCOUNTS)}
INJECTION = next(at for at, one in enumerate(POLICIES) if "injection" in one.policy_id)

Plant = Callable[[Days, np.random.Generator, "Incident"], None]


@dataclass(frozen=True)
class Incident:
    """Something planted. Alerts with a label of `where` are about it if they have that value.

    `topics` are those of rules that may tell of it.
    """

    name: str
    topics: frozenset[str]
    begins: datetime
    ends: datetime
    plant: Plant
    where: Mapping[str, str] = field(default_factory=dict)

    def put_into(self, days: Days) -> None:
        """Have it happen."""
        dice = np.random.default_rng([days.seed, 2, sum(self.name.encode())])
        self.plant(days, dice, self)

    def explains(self, topic: str, labels: Mapping[str, str], fired: datetime) -> bool:
        """Whether an alert is about it."""
        # Money that is spent stays so: a budget may be used up long after.
        is_there = self.begins <= fired and (fired <= self.ends + SLACK or "period" in labels)
        fits = all(labels[name] == value for name, value in self.where.items() if name in labels)
        return topic in self.topics and is_there and fits


def errors(share: float, *, is_growing: bool = False, **where: str) -> Plant:
    """So large a share of calls fails; growing, from none at the beginning."""

    def plant(days: Days, dice: np.random.Generator, incident: Incident) -> None:
        calls, rows = _calls(days, incident, where)
        far = _progress(calls, rows, days, incident) if is_growing else 1.0
        calls.columns["is_error"][rows] |= dice.random(len(rows)) < share * far

    return plant


def slowness(factor: float, *, is_growing: bool = False, **where: str) -> Plant:
    """Calls take so many times as long."""

    def plant(days: Days, dice: np.random.Generator, incident: Incident) -> None:
        calls, rows = _calls(days, incident, where)
        far = _progress(calls, rows, days, incident) if is_growing else 1.0
        calls.columns["slowness"][rows] *= 1 + (factor - 1) * far

    return plant


def dearness(factor: float, *, is_growing: bool = True, **where: str) -> Plant:
    """Prompts and answers grow until a call costs so many times as much."""

    def plant(days: Days, dice: np.random.Generator, incident: Incident) -> None:
        calls, rows = _calls(days, incident, where)
        far = _progress(calls, rows, days, incident) if is_growing else 1.0
        for name in ("input_tokens", "output_tokens"):
            calls.columns[name][rows] *= 1 + (factor - 1) * far

    return plant


def more_calls(factor: float, **where: str) -> Plant:
    """So many times as many calls."""

    def plant(days: Days, dice: np.random.Generator, incident: Incident) -> None:
        calls, rows = _calls(days, incident, where)
        again = np.tile(rows, int(factor) - 1)
        columns = calls.columns
        for name, column in columns.items():
            columns[name] = np.concatenate([column, column[again]])
        late = dice.integers(0, 60_000_000, len(again))
        columns["at_us"][len(columns["at_us"]) - len(again) :] += late

    return plant


def fewer_calls(left: float, **where: str) -> Plant:
    """So large a share of calls is left."""

    def plant(days: Days, dice: np.random.Generator, incident: Incident) -> None:
        calls, rows = _calls(days, incident, where)
        _drop(days, calls, rows[dice.random(len(rows)) >= left])

    return plant


def silence(source: str) -> Plant:
    """A module sends nothing."""

    def plant(days: Days, dice: np.random.Generator, incident: Incident) -> None:
        part = next(one for one in days.parts if one.source == source)
        _drop(days, part, np.flatnonzero(_during(part, days, incident)))

    return plant


def injections(an_hour: float, service: str) -> Plant:
    """Prompt injections: the policy engine denies, the sentinel sees threats."""

    def plant(days: Days, dice: np.random.Generator, incident: Incident) -> None:
        hours = 24 * days.days
        begin = (incident.begins - days.start) / timedelta(hours=1)
        end = (incident.ends - days.start) / timedelta(hours=1)
        covered = np.clip(end - np.arange(hours), 0, 1) - np.clip(begin - np.arange(hours), 0, 1)
        for source in ("policy-engine", "sentinel"):
            days.parts.append(_attack(days, dice, source, covered * an_hour, incident, service))

    return plant


def _attack(
    days: Days, dice: np.random.Generator, source: str, expected: Column, incident: Incident, service: str
) -> Traffic:  # fmt: skip
    at_us = moments(dice, days, expected)
    at_us = at_us[(at_us >= days.us(incident.begins)) & (at_us < days.us(incident.ends))]
    count = len(at_us)
    user = 300 + dice.integers(6, size=count) * 5
    columns = {
        "at_us": at_us,
        "service": np.full(count, SERVICE[service]),
        "user": user,
        "account": user % len(ACCOUNTS),
        "severity": np.full(count, 3),
    }
    if source == "sentinel":
        columns["score"] = dice.uniform(0.8, 1.0, count)
        columns["severity"] = np.where(columns["score"] > 0.95, 4, 3)
        columns["type"] = np.full(count, "threat.detected")
    else:
        columns["policy"] = np.full(count, INJECTION)
        columns["outcome"] = np.full(count, 2)
    return Traffic(source, columns)


def _calls(days: Days, incident: Incident, where: Mapping[str, str]) -> tuple[Traffic, Column]:
    """The calls, and the places of those that an incident is about."""
    calls = next(one for one in days.parts if one.source == "observatory")
    rows = _during(calls, days, incident)
    known = {"model": MODEL, "service": SERVICE, "account": ACCOUNT}
    for name, value in where.items():
        rows &= calls.columns[name] == known[name][value]
    return calls, np.flatnonzero(rows)


def _during(part: Traffic, days: Days, incident: Incident) -> Column:
    at_us = part.columns["at_us"]
    inside: Column = (at_us >= days.us(incident.begins)) & (at_us < days.us(incident.ends))
    return inside


def _progress(part: Traffic, rows: Column, days: Days, incident: Incident) -> Column:
    """How far an incident had come at each of the rows, from 0 to 1."""
    begin, end = days.us(incident.begins), days.us(incident.ends)
    far: Column = (part.columns["at_us"][rows] - begin) / (end - begin)
    return far


def _drop(days: Days, part: Traffic, rows: Column) -> None:
    is_kept = np.ones(len(part), dtype=bool)
    is_kept[rows] = False
    days.parts[days.parts.index(part)] = part.kept(is_kept)
