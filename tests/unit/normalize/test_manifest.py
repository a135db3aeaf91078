import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_analytics_hub.normalize.manifest import content_id, put_together, references, take_apart

LONG = "so long that it is not kept in the manifest " * 4
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.just(LONG),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=12,
)


def message(text: str, role: str = "user") -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": text}]}


def body_of(content: object) -> str:
    """The manifest of a content."""
    return list(take_apart(content).values())[-1].decode()


def read_back(content: object) -> Any:
    pieces = {name: body.decode() for name, body in take_apart(content).items()}
    manifest = list(pieces.values())[-1]
    assert set(references(manifest)) == set(list(pieces)[:-1])
    return json.loads(msgspec.json.encode(put_together(manifest, pieces)))


@given(JSON_VALUES)
def test_what_is_taken_apart_is_put_together_again(value: object) -> None:
    content = {"output": value, "span_events": [{"name": "a", "attributes": {"b": [{"c": value}]}}]}
    assert meant(read_back(content)) == meant(content)
    assert meant(read_back(value)) == meant(value)


def meant(value: Any) -> Any:
    """A value in which JSON that came as text, and may come back as JSON, is JSON."""
    if isinstance(value, dict):
        return {name: meant(one) for name, one in value.items()}
    if isinstance(value, list):
        return [meant(one) for one in value]
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return meant(json.loads(value))
        except ValueError:
            return value
    return value


@pytest.mark.parametrize(
    "of",
    [
        lambda history: {"input_messages": history},
        lambda history: {"input_messages": json.dumps(history)},
        lambda history: {"input": json.dumps({"messages": [history], "model": "m"})},
        lambda history: {"request": {"messages": history}},
        lambda history: {"span_events": [{"name": "e", "time": len(history),
                                          "attributes": {"messages": json.dumps(history)}}]},
    ],
    ids=["list", "text", "batch in text", "object", "span event"],
)  # fmt: skip
def test_a_history_sent_again_brings_only_its_new_message(of: Any) -> None:
    history = [message(f"{number} {LONG}") for number in range(5)]
    before, after = take_apart(of(history[:4])), take_apart(of(history))
    new = {name: body for name, body in after.items() if name not in before}
    assert len(new) == 2  # the message and the manifest
    assert sum(map(len, new.values())) < len(LONG) * 3


def test_short_pieces_stand_in_the_manifest() -> None:
    content = {"input_messages": [message("hi")], "output": "there"}
    assert len(take_apart(content)) == 1
    assert read_back(content) == content


@pytest.mark.parametrize(
    "text", ["[[tool=1]] go on " + LONG, '{"a": ' + LONG, "[1, 2] and " + LONG]
)
def test_text_that_only_begins_like_json_stays_text(text: str) -> None:
    assert read_back({"input": text}) == {"input": text}


def test_numbers_keep_their_digits() -> None:
    digits = '[{"big": 123456789012345678901234567890, "exact": 1.10, "pad": "' + LONG + '"}]'
    pieces = take_apart({"input": digits})
    assert any(b"123456789012345678901234567890" in body for body in pieces.values())
    assert any(b"1.10" in body for body in pieces.values())


def test_a_message_is_not_split_further() -> None:
    content = {"output": {"role": "assistant", "content": [{"text": LONG}, {"text": LONG + "2"}]}}
    assert len(references(body_of(content))) == 1


def test_nesting_out_of_reason_is_one_piece() -> None:
    deep = "[" * 5_000 + "{}" + "]" * 5_000
    assert read_back({"input": deep}) == {"input": deep}
    lists = '[{"pad":"' + LONG + '"}]'
    for _ in range(50):
        lists = f"[{lists}]"
    assert read_back({"input": lists}) == {"input": json.loads(lists)}


def test_a_piece_that_is_gone_is_named() -> None:
    manifest = body_of({"input": LONG})
    with pytest.raises(KeyError, match=content_id(msgspec.json.encode(LONG))):
        put_together(manifest, {})
