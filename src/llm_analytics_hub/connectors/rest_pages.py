"""How the lists of REST APIs are walked: what to ask for, what comes next, when it is enough."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import xxhash

from llm_analytics_hub.errors import InvalidInputError
from llm_analytics_hub.integrations.reading import member
from llm_analytics_hub.integrations.wires import Paging, Pull
from llm_analytics_hub.normalize.number import read_number
from llm_analytics_hub.normalize.timestamps import parse_timestamp

_SINCE_1970 = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """A reply that was read. One without a list in it is itself the only row."""

    document: object
    rows: Sequence[object]
    is_list: bool

    @property
    def fingerprint(self) -> int:
        """The same for the same rows, whatever stands beside them."""
        return xxhash.xxh3_64_intdigest(json.dumps(self.rows).encode())


def read_page(document: object, pages: Sequence[str]) -> Page:
    """The rows of a reply; `pages` are the members that may hold them, as paths."""
    if isinstance(document, list):
        return Page(document, document, True)
    if isinstance(document, dict):
        found = (member(document, path) for path in pages)
        rows = next((rows for rows in found if isinstance(rows, list)), None)
        if rows is not None:
            return Page(document, rows, True)
    return Page(document, [document], False)


@dataclass(frozen=True)
class Window:
    """The times between which rows are wanted."""

    since: datetime
    until: datetime


def parameters(pull: Pull, limit: int, place: str, window: Window) -> Mapping[str, str]:
    """What to ask with for the page at `place`; the first page is at no place."""
    asked = {pull.limit_name: str(limit)} if pull.paging is not Paging.ONCE else {}
    if pull.since:
        asked[pull.since] = _written(window.since)
    if pull.until:
        asked[pull.until] = _written(window.until)
    return {**asked, **_at(pull.paging, place)}


def _at(paging: Paging, place: str) -> Mapping[str, str]:
    match paging:
        case Paging.TOTAL | Paging.OFFSET:
            return {"offset": str(_number(place, 0))}
        case Paging.PAGE:
            return {"page": str(_number(place, 1))}
        case Paging.CURSOR:
            return {"cursor": place} if place else {}
        case Paging.ONCE:
            return {}


def following(pull: Pull, limit: int, page: Page, place: str) -> str:
    """The place after a page; empty where the list is over, as far as it can be believed.

    A list that says it is over is not believed as long as its pages are full.
    """
    if not page.is_list:
        return ""
    match pull.paging:
        case Paging.OFFSET:
            return _moved(page, place, limit)
        case Paging.TOTAL | Paging.PAGE if not _is_on(pull, limit, page, place):
            return ""
        case Paging.TOTAL:
            return _moved(page, place, limit)
        case Paging.PAGE:
            return str(_number(place, 1) + 1)
        case Paging.CURSOR if page.rows or claims_more(pull, limit, page, place):
            return _text(_told(page, pull.next_cursor))
        case _:
            return ""


def claims_more(pull: Pull, limit: int, page: Page, place: str) -> bool:
    """Whether a page says that there is more; for a list that never says it, whether it is full."""
    match pull.paging:
        case Paging.TOTAL:
            total = read_number(_told(page, pull.total))
            return total is not None and total > _number(place, 0) + len(page.rows)
        case Paging.PAGE | Paging.CURSOR:
            return _told(page, pull.more) is True
        case _:
            return page.is_list and len(page.rows) >= limit


def _is_on(pull: Pull, limit: int, page: Page, place: str) -> bool:
    return len(page.rows) >= limit or claims_more(pull, limit, page, place)


def _moved(page: Page, place: str, limit: int) -> str:
    """A page may have fewer rows than it was asked for; one without any is passed over."""
    return str(_number(place, 0) + (len(page.rows) or limit))


def _number(place: str, first: int) -> int:
    return int(place) if place.isdecimal() else first


def _told(page: Page, path: str) -> object:
    return member(page.document, path) if isinstance(page.document, dict) else None


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _written(moment: datetime) -> str:
    """As JavaScript, chrono and PostgreSQL all read it."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def times_of(page: Page, path: str) -> Sequence[datetime]:
    """When the rows of a page were written, of those that say it."""
    rows = (row for row in page.rows if isinstance(row, dict)) if path else ()
    found = (_moment(member(row, path)) for row in rows)
    return [moment for moment in found if moment is not None]


def _moment(value: object) -> datetime | None:
    try:
        return _SINCE_1970 + timedelta(microseconds=parse_timestamp(value))
    except InvalidInputError:
        return None


def is_all_known(times: Sequence[datetime], page: Page, since: datetime) -> bool:
    """Whether a list shows the newest first and has come to what was read before."""
    if not times or len(times) < len(page.rows):
        return False
    falls = all(later >= earlier for later, earlier in pairwise(times))
    return falls and times[0] < since
