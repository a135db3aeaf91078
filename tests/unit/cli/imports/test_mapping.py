"""Rows to events: which column is which field."""

import pytest

from llm_analytics_hub.cli.imports.mapping import (
    AsTheyAre,
    MappedRows,
    read_assignments,
    read_mapping,
)
from llm_analytics_hub.errors import InvalidInputError


def test_without_a_mapping_named_columns_are_fields_and_the_rest_attributes() -> None:
    row = {"model": "m", "attributes.team": "red", "data": "x", "a.b": 1, "region": None}
    assert read_mapping([], [], keep_rest=False).event(row, "id-1") == {
        "event_id": "id-1", "model": "m", "attributes": {"team": "red", "data": "x", "a": {"b": 1}},
    }  # fmt: skip


def test_a_mapping_drops_other_columns_but_those_named_like_fields() -> None:
    mapping = read_mapping(["latency_ms=value"], ["source=s"], keep_rest=False)
    row = {"value": "12", "model": "m", "other": "x"}
    assert mapping.event(row, "id-1") == {
        "event_id": "id-1",
        "latency_ms": "12",
        "model": "m",
        "source": "s",
    }


def test_keep_rest_keeps_other_columns_as_attributes() -> None:
    mapping = read_mapping(["model=m"], ["attributes.team=red"], keep_rest=True)
    event = mapping.event({"m": "gpt", "other": "x"}, "id-1")
    assert event["attributes"] == {"other": "x", "team": "red"}


def test_what_is_set_wins_over_a_column() -> None:
    assert (
        read_mapping([], ["model=new"], keep_rest=False).event({"model": "old"}, "i")["model"]
        == "new"
    )


def test_a_mapped_id_is_the_id_unless_a_row_has_none() -> None:
    mapping = read_mapping(["event_id=id"], [], keep_rest=False)
    assert mapping.event({"id": "own"}, "made")["event_id"] == "own"
    assert mapping.event({"id": None}, "made")["event_id"] == "made"


def test_a_dotted_column_reaches_into_nested_rows() -> None:
    mapping = read_mapping(["model=call.model", "provider=a.b"], [], keep_rest=False)
    event = mapping.event({"call": {"model": "m"}, "a.b": "flat"}, "i")
    assert (event["model"], event["provider"]) == ("m", "flat")
    assert "model" not in mapping.event({"call": "text"}, "i")


def test_members_join_attributes_given_as_json_text_or_object() -> None:
    mapping = read_mapping(["attributes=extra"], ["attributes.team=red"], keep_rest=False)
    assert mapping.event({"extra": '{"a": 1}'}, "i")["attributes"] == {"a": 1, "team": "red"}
    assert mapping.event({"extra": {"a": 1}}, "i")["attributes"] == {"a": 1, "team": "red"}
    assert mapping.event({"extra": "{broken"}, "i")["attributes"] == "{broken"


def test_json_lines_are_sent_as_they_are_with_an_id() -> None:
    row = {"source": "s", "nested": {"a": None}}
    assert AsTheyAre().event(row, "made") == {**row, "event_id": "made"}


@pytest.mark.parametrize(
    "own", [{"event_id": "x"}, {"eventId": "x"}, {"specversion": "1.0", "id": "x"}]
)
def test_json_lines_with_an_id_of_their_own_keep_it(own: dict[str, object]) -> None:
    assert AsTheyAre().event(own, "made") == own


def test_what_is_set_is_set_in_json_lines_too() -> None:
    event = AsTheyAre({"source": "s", "attributes.a": "1"}).event({"attributes": {"b": 2}}, "i")
    assert event == {"source": "s", "attributes": {"a": "1", "b": 2}, "event_id": "i"}


def test_a_row_is_never_changed() -> None:
    row = {"attributes": {"b": 2}}
    AsTheyAre({"attributes.a": "1"}).event(row, "i")
    assert row == {"attributes": {"b": 2}}


@pytest.mark.parametrize("text", ["model", "model=", "=x", ""])
def test_an_assignment_has_two_sides(text: str) -> None:
    with pytest.raises(InvalidInputError):
        read_assignments([text], "--map")


def test_only_the_first_sign_divides_an_assignment() -> None:
    assert read_assignments(["model=a=b"], "--set") == {"model": "a=b"}


def test_an_unknown_field_is_told_with_its_neighbour() -> None:
    with pytest.raises(
        InvalidInputError, match=r"did you mean model\? There are source, stream"
    ) as caught:
        read_assignments(["modle=x"], "--map")
    assert caught.value.code == "unknown_field"


@pytest.mark.parametrize("name", ["attributes.", "tenant", "received_at"])
def test_what_the_hub_sets_itself_is_no_field(name: str) -> None:
    with pytest.raises(InvalidInputError, match="no field"):
        read_assignments([f"{name}=x"], "--set")


@pytest.mark.parametrize(
    ("maps", "sets"),
    [(["model=a", "model=b"], []), (["model=a"], ["model=b"]), ([], ["event_id=1"])],
)
def test_contradictions_are_refused(maps: list[str], sets: list[str]) -> None:
    with pytest.raises(InvalidInputError):
        read_mapping(maps, sets, keep_rest=False)


def test_a_missing_column_is_told_with_those_there_are() -> None:
    with pytest.raises(InvalidInputError, match="no column 'x'; there are a, b") as caught:
        MappedRows({"model": "x"}).check(["a", "b"])
    assert caught.value.code == "no_such_column"


def test_present_columns_and_members_of_them_pass() -> None:
    MappedRows({"model": "a", "provider": "b.c"}).check(["a", "b"])
