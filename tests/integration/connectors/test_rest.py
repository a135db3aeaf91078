"""REST: lists walked to their end through every fault of the other side, each row counted once."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest

from llm_analytics_hub.bootstrap import Hub
from llm_analytics_hub.clock import ManualClock
from llm_analytics_hub.connectors.rest_reader import StatusError
from llm_analytics_hub.errors import TooLargeError, UnavailableError

from .conftest import samples
from .polls import Poll, opened
from .rest_server import Asked, Reply, in_turn, page, serving

ULIDS = "01K{:023}"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def module_clock() -> ManualClock:
    return ManualClock(NOW)


@pytest.fixture
def clock(module_clock: ManualClock) -> Iterator[ManualClock]:
    yield module_clock
    module_clock.set(NOW)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory, module_clock: ManualClock) -> Iterator[Hub]:
    with opened(tmp_path_factory.mktemp("hub"), module_clock) as hub:
        yield hub


def asset(number: int, name: str = "support-bot", day: int = 1) -> dict[str, Any]:
    changed = f"2025-11-{day:02}T10:00:00Z"
    return {
        "id": ULIDS.format(number), "asset_type": "model", "status": "active",
        "metadata": {"name": name, "version": "1.0.0-rc.1"}, "created_at": "2025-11-01T10:00:00Z",
        "updated_at": changed, "checksum": {"algorithm": "SHA256", "value": "00"},
    }  # fmt: skip


def assets(asked: Asked, rows: list[Any], total: int | None = None) -> Reply:
    """As the registry answers; `has_more` is always false."""
    start, limit = int(asked.params["offset"]), int(asked.params["limit"])
    told = {"total": len(rows) if total is None else total, "offset": start, "limit": limit}
    return page({"items": rows[start : start + limit], "pagination": {**told, "has_more": False}})


def registry(hub: Hub, url: str, **more: Any) -> Poll:
    return Poll(hub, **{"module": "registry", "url": url, "page_rows": 10, **more})


def trace(number: int, ago: timedelta = timedelta(minutes=10)) -> dict[str, Any]:
    written = (NOW - ago + timedelta(milliseconds=number)).isoformat().replace("+00:00", "Z")
    return {
        "ts": written, "trace_id": f"{number:032x}", "span_id": f"{number:016x}",
        "provider": "openai", "model": "gpt-4o", "total_tokens": 7,
    }  # fmt: skip


def traces(rows: list[Any], cursor: str | None, *, has_more: bool = False) -> Reply:
    paging = {"cursor": cursor, "has_more": has_more, "limit": 10}
    meta = {"timestamp": NOW.isoformat(), "version": "1.0"}
    return page({"status": "success", "data": rows, "pagination": paging, "meta": meta})


def observatory(hub: Hub, url: str, **more: Any) -> Poll:
    return Poll(hub, **{"module": "observatory", "url": url, "page_rows": 2, **more})


async def test_a_list_that_says_it_is_over_is_read_by_its_total(hub: Hub) -> None:
    rows = [asset(number) for number in range(25)]
    async with serving(lambda asked: assets(asked, rows)) as service:
        poll = registry(hub, service.url)
        await poll.walk()
        assert service.params("offset") == ["0", "10", "20"]
        assert service.params("exclude_deprecated") == ["false"] * 3
        assert len(set(poll.ids())) == len(poll.ids()) == 25
        assert poll.state.lag_seconds is not None


async def test_what_every_poll_shows_counts_once_and_a_change_counts(
    hub: Hub, clock: ManualClock
) -> None:
    rows = [asset(number) for number in range(5)]
    async with serving(lambda asked: assets(asked, rows)) as service:
        poll = registry(hub, service.url)
        await poll.walk()
        clock.set(NOW + timedelta(hours=1))  # the window of the registry's stream is 5 minutes
        rows[3] = asset(3, name="new", day=2)
        await poll.walk()
        assert (poll.state.accepted, poll.state.duplicates) == (6, 4)
        assert [event["attributes"].get("asset_name") for event in poll.events()].count("new") == 1


@pytest.mark.parametrize("total", [0, 3, 1_000_000])
async def test_a_total_that_lies_neither_hides_rows_nor_goes_on_for_ever(
    hub: Hub, total: int
) -> None:
    rows = [asset(number) for number in range(25)]
    async with serving(lambda asked: assets(asked, rows, total)) as service:
        poll = registry(hub, service.url)
        await poll.walk()
        assert len(poll.ids()) == 25
        assert len(service.asked) <= 5
        assert ("shows no more" in (poll.state.last_error or "")) == (total == 1_000_000)


async def test_an_empty_page_in_the_middle_is_passed_over(hub: Hub) -> None:
    rows = [asset(number) for number in range(25)]

    def answer(asked: Asked) -> Reply:
        full = assets(asked, rows)
        return full if asked.params["offset"] != "10" else assets(asked, [], 25)

    async with serving(answer) as service:
        poll = registry(hub, service.url)
        await poll.walk()
        assert service.params("offset") == ["0", "10", "20"]
        assert len(poll.ids()) == 15


async def test_a_page_repeated_for_ever_ends(hub: Hub) -> None:
    rows = [asset(number) for number in range(10)]
    forever = assets(Asked("", {"offset": "0", "limit": "10"}, {}), rows, 1000)
    async with serving(in_turn(forever)) as service:
        poll = registry(hub, service.url)
        await poll.walk()
        assert (len(service.asked), len(poll.ids())) == (3, 10)
        assert "shows no more" in (poll.state.last_error or "")


@pytest.mark.parametrize("is_empty", [True, False])
async def test_a_cursor_that_never_ends_ends(hub: Hub, is_empty: bool) -> None:
    rows = [] if is_empty else [trace(1), trace(2)]
    numbers = count()
    async with serving(lambda _: traces(rows, f"c{next(numbers)}", has_more=True)) as service:
        poll = observatory(hub, service.url)
        await poll.walk()
        assert len(service.asked) <= 3
        assert len(poll.ids()) == len(rows)
        assert "shows no more" in (poll.state.last_error or "")


async def test_a_cursor_is_followed_also_where_has_more_lies(hub: Hub) -> None:
    pages = [traces([trace(1), trace(2)], "a"), traces([trace(3)], "b"), traces([], None)]
    async with serving(in_turn(*pages)) as service:
        poll = observatory(hub, service.url)
        await poll.walk()
        assert service.params("cursor") == [None, "a", "b"]
        assert len(poll.ids()) == 3


async def test_the_next_walk_begins_a_little_before_the_newest_row(hub: Hub) -> None:
    late = [trace(5), trace(6)]
    async with serving(in_turn(traces([trace(6)], None), traces(late, None))) as service:
        poll = observatory(hub, service.url, overlap=90)
        await poll.walk()
        await poll.walk()
        first, second = (datetime.fromisoformat(str(one)) for one in service.params("from"))
        assert timedelta(days=6) < NOW - first < timedelta(days=8)
        newest = datetime.fromisoformat(trace(6)["ts"])
        assert abs(newest - second - timedelta(seconds=90)) < timedelta(milliseconds=2)
        assert poll.ids() == sorted({f"{n:032x}:{n:016x}" for n in (5, 6)})


async def test_a_row_from_the_future_does_not_hide_those_of_today(hub: Hub) -> None:
    wrong = {**trace(1), "ts": "2099-01-01T00:00:00Z"}
    async with serving(in_turn(traces([wrong], None))) as service:
        poll = observatory(hub, service.url)
        await poll.walk()
        await poll.walk()
        assert str(service.params("from")[1]) < "2098"


async def test_a_restart_goes_on_where_the_walk_was(hub: Hub) -> None:
    pages = [traces([trace(1), trace(2)], "a", has_more=True), Reply(status=403)]
    later = [traces([trace(3)], None), traces([], None)]
    async with serving(in_turn(*pages, *later)) as service:
        poll = observatory(hub, service.url)
        with pytest.raises(StatusError, match="status 403"):
            await poll.walk()
        await poll.walk()
        assert service.params("cursor") == [None, "a", "a"]
        since = service.params("from")
        assert since[0] == since[2]
        assert len(poll.ids()) == 3
        await poll.walk()
        assert str(service.params("from")[3]) > str(since[0])


async def test_a_cursor_that_is_too_old_begins_the_walk_anew(hub: Hub) -> None:
    first = traces([trace(1), trace(2)], "a", has_more=True)
    async with serving(in_turn(first, Reply(status=400), traces([trace(3)], None))) as service:
        poll = observatory(hub, service.url)
        await poll.walk()
        assert "status 400" in (poll.state.last_error or "")
        await poll.walk()
        assert service.params("cursor") == [None, "a", None]
        assert len(set(service.params("from"))) == 1


async def test_a_row_that_is_refused_is_one_dead_letter_however_often_it_is_shown(
    hub: Hub,
) -> None:
    rows = [asset(1), {**asset(2), "updated_at": "soon"}, asset(3)]
    async with serving(lambda asked: assets(asked, rows)) as service:
        poll = registry(hub, service.url)
        await poll.walk()
        rows.append(asset(4))
        for _ in range(2):
            await poll.walk()
        assert (poll.state.rejected, len(poll.ids())) == (1, 3)
        assert hub.store.dead_letters(poll.settings.tenant, (), 10).num_rows == 1


async def test_rows_that_move_between_pages_count_once(hub: Hub) -> None:
    rows = [asset(number) for number in range(25)]

    def answer(asked: Asked) -> Reply:
        reply = assets(asked, rows)
        if asked.params["offset"] == "0":
            rows.insert(0, asset(100))
            del rows[5]
        return reply

    async with serving(answer) as service:
        poll = registry(hub, service.url)
        for _ in range(2):
            await poll.walk()
        assert len(poll.ids()) == len(set(poll.ids()))
        assert {ULIDS.format(n) for n in [100, *range(25)]} == {
            event["asset_id"] for event in poll.events()
        }


@pytest.mark.parametrize(
    ("retry_after", "least", "most"),
    [
        ("7", 7, 7),
        ("0", 1, 1),
        (format_datetime(NOW + timedelta(minutes=20), usegmt=True), 600, 1200),
        ("999999", 3600, 3600),
    ],
    ids=["seconds", "none", "a date", "too long"],  # a date of now would be another for each worker
)
async def test_too_many_requests_are_waited_out(
    hub: Hub, retry_after: str, least: float, most: float
) -> None:
    busy = Reply(status=429, headers={"Retry-After": retry_after})
    async with serving(in_turn(busy, busy, traces([trace(1)], None))) as service:
        poll = observatory(hub, service.url)
        await poll.walk()
        assert len(poll.waits) == 2
        assert all(least <= wait <= most for wait in poll.waits)
        assert len(poll.ids()) == 1


CUT = Reply(traces([trace(1)], None).body, sent=100)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (Reply(status=500), "StatusError"),
        (Reply(status=429), "StatusError"),
        (CUT, "RemoteProtocolError"),
        (Reply(b"", sent=0, headers={"Content-Length": "10"}), "RemoteProtocolError"),
        (Reply(is_silent=True), "Timeout"),
    ],
)
async def test_what_passes_is_tried_again(hub: Hub, fault: Reply, told: str) -> None:
    answer = in_turn(fault, fault, fault, traces([trace(1)], None))
    async with serving(answer) as service:
        poll = observatory(hub, service.url, timeout=0.5)
        await poll.walk()
        assert told in (poll.state.last_error or "")
        assert (len(service.asked), len(poll.ids())) == (4, 1)


async def test_what_does_not_pass_is_raised_at_last(hub: Hub) -> None:
    async with serving(in_turn(Reply(status=500))) as service:
        with pytest.raises(StatusError, match="status 500"):
            await observatory(hub, service.url).walk()
        assert len(service.asked) == 5
    with pytest.raises(httpx.ConnectError):
        await observatory(hub, service.url).walk()


@pytest.mark.parametrize(
    ("reply", "error", "told"),
    [
        (Reply(b"x" * 5000), TooLargeError, "more than 2048 bytes"),
        (Reply(b"<html>sign in</html>", headers={"Content-Type": "text/html"}), UnavailableError,
         "no JSON"),
        (page({"error": "db", "message": "gone"}), UnavailableError, "error of the module"),
        (Reply(b"\x1f\x8b", headers={"Content-Encoding": "gzip"}), UnavailableError, "packed"),
        (Reply(status=401), StatusError, "status 401"),
    ],
)  # fmt: skip
async def test_what_is_no_page_is_an_error_and_no_event(
    hub: Hub, reply: Reply, error: type[Exception], told: str
) -> None:
    async with serving(in_turn(reply)) as service:
        poll = observatory(hub, service.url, largest_bytes=2048)
        with pytest.raises(error, match=told):
            await poll.walk()
        assert len(service.asked) == 1
        assert (poll.state.accepted, poll.state.rejected, poll.ids()) == (0, 0, [])


async def test_no_other_host_learns_the_token(hub: Hub) -> None:
    async with serving(in_turn(traces([trace(1)], None))) as thief:
        away = Reply(status=302, headers={"Location": f"{thief.url}/api/v1/traces"})
        async with serving(in_turn(away)) as service:
            who = {"token": "geheim", "header": "X-API-Key", "secret": "auch"}
            with pytest.raises(UnavailableError, match="not followed"):
                await observatory(hub, service.url, **who).walk()
            assert service.asked[0].headers["authorization"] == "Bearer geheim"
            assert service.asked[0].headers["x-api-key"] == "auch"
        assert thief.asked == []


async def test_a_redirect_within_the_service_is_followed(hub: Hub) -> None:
    there = Reply(status=308, headers={"Location": "/v2/traces?limit=2"})
    async with serving(in_turn(there, traces([trace(1)], None))) as service:
        poll = observatory(hub, service.url)
        await poll.walk()
        assert [one.path for one in service.asked] == ["/api/v1/traces", "/v2/traces"]
        assert len(poll.ids()) == 1
    async with serving(in_turn(there)) as service:
        with pytest.raises(UnavailableError, match="more than 5 times"):
            await observatory(hub, service.url).walk()


async def test_a_token_that_was_renewed_is_read_again(hub: Hub, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("old\n")

    def answer(asked: Asked) -> Reply:
        if asked.headers["authorization"] == "Bearer new":
            return traces([trace(1)], None)
        file.write_text("new\n")
        return Reply(status=401)

    async with serving(answer) as service:
        poll = observatory(hub, service.url, token_file=str(file))
        await poll.walk()
        assert (len(service.asked), len(poll.ids())) == (2, 1)


async def test_every_name_has_its_walk_and_a_wrong_one_stops_no_other(hub: Hub) -> None:
    def answer(asked: Asked) -> Reply:
        if "gone" in asked.path:
            return Reply(status=404)
        policy = asked.path.split("/")[3]
        row = {"id": f"{policy}-1", "policy_id": policy, "policy_version": 1, "action": "create",
               "actor_identity": "a", "timestamp": "2025-11-18T17:30:05.010Z"}  # fmt: skip
        return page({"policyId": policy, "auditEntries": [row], "total": 1})

    names = {"pull": "audit", "names": ["pii-guard", "gone", "other"]}
    async with serving(answer) as service:
        poll = Poll(hub, module="policy-engine", url=service.url + "/", **names)
        await poll.walk()
        assert [one.path for one in service.asked][2] == "/api/policies/other/audit"
        assert poll.ids() == ["other-1", "pii-guard-1"]
        assert "status 404" in (poll.state.last_error or "")
        alone = Poll(hub, module="policy-engine", url=service.url, pull="audit", names=["gone"])
        with pytest.raises(StatusError):
            await alone.walk()


async def test_a_list_without_times_stops_at_what_is_known(hub: Hub) -> None:
    def row(number: int) -> dict[str, Any]:
        written = NOW - timedelta(hours=number)
        return {"id": f"a{number}", "timestamp": written.isoformat(), "action": "login",
                "user_id": "u", "resource_type": "session", "resource_id": "s",
                "details": {}, "ip_address": None, "checksum": "c"}  # fmt: skip

    rows = [row(number) for number in range(40)]

    def answer(asked: Asked) -> Reply:
        start = int(asked.params["offset"])
        found = rows[start : start + int(asked.params["limit"])]
        return page({"success": True, "data": {"logs": found, "limit": 4, "offset": start}})

    async with serving(answer) as service:
        more = {"pull": "audit", "url": service.url, "page_rows": 4}
        poll = Poll(hub, module="governance-dashboard", **more)
        await poll.walk()
        walked = len(service.asked)
        await poll.walk()
        assert (walked, len(service.asked) - walked) == (12, 2)
        assert len(poll.ids()) == 40


async def test_pages_are_numbered_from_one(hub: Hub) -> None:
    def answer(asked: Asked) -> Reply:
        number = int(asked.params["page"])
        rows = [{"id": f"7d0c8a4e-0000-4000-8000-{number:012}", "usage_id": "u", "model": "gpt-4o",
                 "provider": "openai", "total_cost": 0.25, "input_cost": 0.1, "output_cost": 0.15,
                 "currency": "USD", "timestamp": "2025-11-19T10:00:02Z",
                 "organization_id": "org-1"}]  # fmt: skip
        return page({"data": rows, "pagination": {"page": number, "has_next": number < 3}})

    async with serving(answer) as service:
        poll = Poll(hub, module="costops", url=service.url)
        await poll.walk()
        assert service.params("page") == ["1", "2", "3"]
        assert service.params("page_size") == ["100"] * 3
        assert None not in service.params("start_date")
        assert [str(event["cost_usd"]) for event in poll.events()] == ["0.25"] * 3


SAMPLES = {
    ("observatory", "traces", "rest_traces_page.json"): ["inference.completed"] * 2,
    ("sentinel", "anomalies", "rest_anomalies_page.json"): ["anomaly.detected"],
    ("costops", "usage", "rest_usage_history_page.json"): [],
    ("policy-engine", "audit", "rest_policy_audit.json"): ["policy.enabled", "policy.updated"],
    ("governance-dashboard", "violations", "policy_violations.json"): ["violation.detected"],
    ("marketplace", "usage", "rest_service_statistics.json"): ["statistics.reported"],
    ("marketplace", "quota", "rest_quota_status.json"): ["quota.reported"],
}


@pytest.mark.parametrize("sample", SAMPLES, ids="/".join)
async def test_every_sample_that_is_shown_arrives(
    hub: Hub, shared: Path, sample: tuple[str, str, str]
) -> None:
    module, pull, name = sample
    body = samples(shared, module, [name])[name]
    async with serving(in_turn(Reply(body))) as service:
        chosen = {"module": module, "pull": pull, "url": service.url}
        names = ["one"] if pull in {"audit", "violations", "usage", "quota"} else []
        names = [] if module == "costops" else names
        poll = Poll(hub, **chosen, names=names)
        for _ in range(2):
            await poll.walk()
        assert sorted(event["event_type"] for event in poll.events()) == SAMPLES[sample]
        assert poll.state.rejected == 0
