"""Pages of lists: how many, after which cursor, and whether there are more."""

from collections.abc import Mapping
from typing import Annotated, Any

import strawberry

from llm_analytics_hub.errors import InvalidQueryError

MOST = 1_000

First = Annotated[int, strawberry.argument(description=f"how many at most; 1 to {MOST:,}")]
After = Annotated[
    str | None, strawberry.argument(description="the `endCursor` of the page before")
]  # fmt: skip


@strawberry.type(description="Where a page ends.")
class PageInfo:
    """Where a page ends."""

    has_next_page: bool
    end_cursor: str | None = strawberry.field(
        description="what to write as `after` for the next page; null on the last"
    )


def page_of(found: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A page of a REST door, whose rows are under `name`, as a connection."""
    cursor = found["next_cursor"]
    info = {"has_next_page": cursor is not None, "end_cursor": cursor}
    return {"nodes": found[name], "page_info": info}


def checked(first: int) -> int:
    """`first`. Raises: InvalidQueryError, code `invalid_request`, for a page of no allowed size."""
    if not 1 <= first <= MOST:
        raise InvalidQueryError(f"first is 1 to {MOST}, not {first}", code="invalid_request")
    return first
