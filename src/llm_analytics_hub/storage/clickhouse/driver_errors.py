"""What the driver raises, as the hub's errors."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from llm_analytics_hub.errors import (
    CANCELLED,
    InvalidInputError,
    InvalidQueryError,
    UnavailableError,
)

BUDGETS = {
    158: "reads more rows than allowed",
    159: "takes longer than allowed",
    160: "takes longer than allowed",
    241: "needs more memory than allowed",
    307: "reads more bytes than allowed",
    396: "has a larger answer than allowed",
}
"""What ClickHouse's codes of a used-up budget say of a question."""

ADVICE = (
    "shorten time_range, take fewer or coarser dimensions, or filter by source, event_type or "
    "asset_id; `questions` in the settings has the limits"
)

REFUSED = "refused_by_store"
"""Error code of rows that would be refused again."""

CANCELLED_CODE = 394
"""ClickHouse's code of a statement that was killed."""

DATA_CODES = {6, 26, 27, 33, 38, 41, 53, 69, 70, 72, 117, 349, 407}
"""ClickHouse codes that blame the rows: they would be refused again."""

_CODE = re.compile(r"Code: (\d+)")


@contextmanager
def translated() -> Iterator[None]:
    """Turn errors of the driver and the disk into the hub's."""
    try:
        yield
    except RuntimeError as error:
        found = _CODE.search(str(error))
        code = int(found.group(1)) if found else 0
        if code == CANCELLED_CODE:
            raise cancelled() from error
        first_line = str(error).partition("\n")[0][:500]
        if code in BUDGETS:
            message = f"the question {BUDGETS[code]}: {ADVICE}"
            raise InvalidQueryError(message, code="budget_exceeded") from error
        if code in DATA_CODES:
            raise InvalidInputError(first_line, code=REFUSED) from error
        raise UnavailableError(first_line) from error
    except OSError as error:
        raise UnavailableError(str(error)) from error


def cancelled() -> UnavailableError:
    """The error of a question that was ended because nobody waits for its answer."""
    return UnavailableError("who asked went away", code=CANCELLED)
