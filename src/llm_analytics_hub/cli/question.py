"""A question in the words of the command line, as the body of `POST /api/v1/query`."""

from collections.abc import Mapping

from llm_analytics_hub.errors import InvalidQueryError


def to_time_range(
    last: str | None, start: str | None, end: str | None, period: str | None = None
) -> Mapping[str, str]:
    """The time range of --last, --period, or --from and --to. Raises: InvalidQueryError."""
    if last and not (start or end or period):
        return {"last": last}
    if period and not (start or end or last):
        return {"period": period}
    if start and end and not (last or period):
        return {"from": start, "to": end}
    raise InvalidQueryError(
        "say the time range: --last 7d, or --from 2025-11-01 and --to 2025-12-01"
    )
