"""Many messages decoded together: the same as one by one, whatever stands beside them."""

import json
from copy import deepcopy
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_analytics_hub.errors import HubError
from llm_analytics_hub.ingest.submission import Refused
from llm_analytics_hub.integrations.catalog import INTEGRATIONS
from llm_analytics_hub.integrations.integration import Integration
from llm_analytics_hub.integrations.native import decode_messages, decode_native
from llm_analytics_hub.integrations.payload import Payload

from .wire import ABSENT, NOW, TYPES, body_of, door_of, index, subject_of

BROKEN = [b"", b"{", b"]", b"[1,", b'{"a":"x', b'y"}', b"{},{}", b"\xff", b"nothing", b"7", b'"x"']
SOUND = [
    b"{}",
    b"[]",
    b" [{}, 1] ",
    b'{"a":NaN}',
    b'\n{"type":"x",\n"id":"1"}',
    "[]".encode("utf-16"),
]
CALL = {"event_type": "consumption_request", "request_id": "r", "timestamp": "2025-11-19T10:00:00Z"}
Told = list[tuple[int, Any]]


def one_by_one(module: Integration, payloads: list[Payload]) -> tuple[Told, Told]:
    """Rows and refusals as `decode_native` gives them, each with the number of its payload."""
    rows: Told = []
    refused: Told = []
    for place, one in enumerate(payloads):
        try:
            found = decode_native(module, one.body, one.content_type, NOW, one.subject)
        except HubError as error:
            refused.append((place, unread(module, one, error)))
        else:
            rows += [(place, row) for row in found.rows]
            refused += [(place, told(letter)) for letter in found.refused]
    return rows, refused


def told(letter: Refused) -> tuple[str, ...]:
    rejection = letter.rejection
    return rejection.code, rejection.message, letter.payload, letter.plain, letter.subject


def unread(module: Integration, payload: Payload, error: HubError) -> tuple[str, ...]:
    """The refusal of a payload of which nothing can be read."""
    text = payload.body.decode(errors="replace")
    plain = "" if module.has_contents else text
    return error.code, error.message, text, plain, payload.subject


def together(module: Integration, payloads: list[Payload]) -> tuple[Told, Told]:
    decoded = decode_messages(replace(module), payloads, NOW)  # one that has learnt nothing yet
    places = [decoded.place(number) for number in range(len(decoded.rows))]
    refused = [(letter.rejection.index, told(letter)) for letter in decoded.refused]
    return list(zip(places, decoded.rows, strict=True)), refused


def alike(module: Integration, payloads: list[Payload]) -> None:
    assert repr(together(module, payloads)) == repr(one_by_one(module, payloads))


@cache
def samples() -> dict[str, list[Payload]]:
    """The samples in JSON by the door they go through."""
    found: dict[str, list[Payload]] = {name: [] for name in INTEGRATIONS}
    for file, sample in index().items():
        if Path(file).suffix == ".json" and door_of(file) in found:
            found[door_of(file)].append(Payload(body_of(file), subject=subject_of(sample)))
    return found


def values_of(document: Any) -> st.SearchStrategy[Any]:
    """Documents that are built like this one, with other values, some of them of other kinds."""
    if isinstance(document, dict):
        return st.fixed_dictionaries({name: values_of(one) for name, one in document.items()})
    return st.one_of(st.just(document), st.just(document), st.sampled_from(ODD))


ODD = [
    None,
    True,
    False,
    0,
    -0.0,
    0.0,
    1,
    2.5,
    "",
    "x",
    "none",
    "0",
    [],
    [1],
    {},
    {"a": {}},
    "high",
]


@pytest.mark.parametrize("file", [f for f in index() if door_of(f) in INTEGRATIONS] or [None])
def test_a_sample_is_read_alike_however_often_it_comes(file: str | None) -> None:
    if file is None:
        pytest.skip(ABSENT)
    kind = TYPES[Path(file).suffix]
    payload = Payload(body_of(file), kind, subject_of(index()[file]))
    alike(INTEGRATIONS[door_of(file)], [payload] * 6)


@pytest.mark.skipif(not index(), reason=ABSENT)
@given(st.data())
@settings(max_examples=150)
def test_what_is_built_like_a_sample_is_read_alike(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(INTEGRATIONS)))
    sample = data.draw(st.sampled_from(samples()[name]))
    document = json.loads(sample.body)
    others = data.draw(st.lists(values_of(document), max_size=8))
    bodies = [json.dumps(one).encode() for one in [*[document] * 3, *others, document]]
    alike(INTEGRATIONS[name], [Payload(body, subject=sample.subject) for body in bodies])


@pytest.mark.skipif(not index(), reason=ABSENT)
@given(st.data())
@settings(max_examples=100)
def test_broken_messages_do_not_touch_the_others(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(INTEGRATIONS)))
    odd = [Payload(body, subject="s") for body in BROKEN + SOUND]
    other = [Payload(b'{"id":"1"}\n{', kind) for kind in ("application/x-ndjson", "image/png")]
    mixed = st.sampled_from(samples()[name] + odd + other)
    alike(INTEGRATIONS[name], data.draw(st.lists(mixed, max_size=12)))


def test_halves_of_a_document_in_two_messages_make_none() -> None:
    bodies = [b'{"event_type":"a","b":[{"c":1}', b'{"d":2}]}', b"{},{}"]
    decoded = decode_messages(INTEGRATIONS["registry"], [Payload(body) for body in bodies], NOW)
    assert not decoded.rows
    assert [one.rejection.index for one in decoded.refused] == [0, 1, 2]


def test_a_broken_message_is_one_letter_with_all_that_can_be_kept() -> None:
    payloads = [Payload(json.dumps(CALL).encode()), Payload(b'{"event_type":\xff', subject="topic")]
    decoded = decode_messages(INTEGRATIONS["marketplace"], payloads, NOW)
    assert decoded.places == [0]
    (letter,) = decoded.refused
    assert (letter.rejection.index, letter.rejection.code) == (1, "undecodable")
    assert letter.payload == letter.plain == '{"event_type":\ufffd'
    assert (letter.subject, letter.received_at) == ("topic", NOW)


def test_a_broken_message_that_may_hold_a_prompt_is_not_kept_without_capture() -> None:
    decoded = decode_messages(INTEGRATIONS["sentinel"], [Payload(b'{"prompt":"hi')], NOW)
    assert [(one.payload, one.plain) for one in decoded.refused] == [('{"prompt":"hi', "")]


def test_rows_of_messages_that_are_built_alike_share_nothing() -> None:
    document = {**CALL, "cost": {"amount": 1, "breakdown": {"parts": [1], "more": {}}}}
    payloads = [Payload(json.dumps(document).encode())] * 5
    rows: Any = decode_messages(INTEGRATIONS["marketplace"], payloads, NOW).rows
    before = deepcopy(rows[4])
    rows[3]["attributes"]["cost_breakdown"]["parts"].append(2)
    rows[3]["attributes"]["cost_breakdown"]["more"]["x"] = 1
    assert rows[4] == before


def test_what_a_pattern_was_learnt_from_does_not_outlive_its_moment() -> None:
    bodies = [Payload(json.dumps({**CALL, "timestamp": None}).encode())] * 5
    module = INTEGRATIONS["marketplace"]
    first = decode_messages(module, bodies, NOW).rows[-1]
    later = decode_messages(module, bodies, NOW + timedelta(hours=1)).rows[-1]
    assert later["occurred_at"] == (NOW + timedelta(hours=1)).isoformat() != first["occurred_at"]


def test_no_payloads_are_no_events() -> None:
    decoded = decode_messages(INTEGRATIONS["registry"], [], NOW)
    assert (list(decoded.rows), list(decoded.refused)) == ([], [])
