"""The dashboard's audit trail as CSV: no quotes, so a comma in a value shifts the columns."""

import pytest

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.ingest.submission import Decoded
from llm_analytics_hub.integrations.governance_dashboard import GOVERNANCE_DASHBOARD
from llm_analytics_hub.integrations.native import decode_native

from .wire import NOW

HEADER = "id,timestamp,user_id,action,resource_type,resource_id,ip_address,checksum"
FRONT = "a-1,2025-11-19 10:00:02.123456 UTC,u-1"
SUM = "32e46cdf4d27e41644898daea3bdc69bbfd407694ee0652cd58bd7c8e877d5f5"
SOUND = f"{FRONT},update,policy,pii-guard,10.0.0.8,{SUM}"


def export(*lines: str, newline: str = "\n") -> Decoded:
    body = newline.join((HEADER, *lines)).encode()
    return decode_native(GOVERNANCE_DASHBOARD, body, "text/csv; charset=utf-8", NOW)


def told(middle: str, *others: str) -> tuple[object, object, object] | str:
    """Action, type and id that a row with this middle is read as, or the code of its refusal."""
    found = export(*others, f"{FRONT},{middle},,{SUM}")
    if found.refused:
        return found.refused[0].rejection.code
    row = dict(found.rows[-1])
    attributes = row["attributes"]
    assert isinstance(attributes, dict)
    assert attributes["checksum"] == SUM
    return row["operation"], attributes["resource_type"], attributes["resource_id"]


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_sound_row_has_an_address_or_none(newline: str) -> None:
    rows = export(SOUND, SOUND.replace("10.0.0.8", ""), newline=newline).rows
    addresses = [dict(row)["attributes"].get("ip_address") for row in rows]  # type: ignore[attr-defined]
    assert addresses == ["10.0.0.8", None]


def test_a_comma_in_the_id_of_a_resource_is_put_back() -> None:
    read = ("update", "policy", "pii-guard, eu, v2")
    assert told("update,policy,pii-guard, eu, v2") == read


def test_a_shifted_row_may_end_in_a_carriage_return() -> None:
    found = export(f"{FRONT},update,policy,pii-guard, eu,,{SUM}", SOUND, newline="\r\n")
    assert (len(found.rows), found.refused) == (2, [])


def test_a_comma_in_an_action_is_put_back() -> None:
    assert told("update, retried,policy,p-1") == ("update, retried", "policy", "p-1")


def test_quotes_that_somebody_added_are_believed() -> None:
    assert told('update,policy,"a, b"') == ("update", "policy", "a, b")


def test_a_row_that_can_be_read_in_two_ways_is_refused() -> None:
    assert told("update,policy,report,x") == "unclear_columns"


def test_a_type_that_other_rows_have_tells_which_way() -> None:
    assert told("update,policy,report,x", SOUND) == ("update", "policy", "report,x")
    other = SOUND.replace("update,policy", "drop,report")
    assert told("update,policy,report,x", other) == ("update,policy", "report", "x")


@pytest.mark.parametrize("middle", ["update,a b,c-d,x", "update,policy,p-1,10.0.0.1"])
def test_a_row_of_which_nothing_can_be_told_is_refused(middle: str) -> None:
    assert told(middle) == "unclear_columns"


def test_a_row_whose_end_is_no_checksum_is_refused() -> None:
    (refused,) = export(f"{FRONT},update,policy,p-1, eu,,not a checksum").refused
    assert refused.rejection.code == "unclear_columns"


def test_a_refused_row_keeps_its_place_and_text_and_the_others_are_kept() -> None:
    found = export(SOUND, "cut,off", "", SOUND)
    (refused,) = found.refused
    assert (refused.rejection.index, refused.rejection.code) == (1, "wrong_columns")
    assert refused.payload == "cut,off"
    assert [found.place(row) for row in range(len(found.rows))] == [0, 2]


@pytest.mark.parametrize("body", [b"", b"id,name\n1,2", SOUND.encode()])
def test_a_file_that_is_no_export_is_refused_whole(body: bytes) -> None:
    with pytest.raises(UndecodableError, match="no audit export"):
        decode_native(GOVERNANCE_DASHBOARD, body, "text/csv", NOW)
