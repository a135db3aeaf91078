"""A quota of tokens: how much of it is used up."""

from llm_analytics_hub.integrations.reading import Reading, Row, renamed
from llm_analytics_hub.normalize.number import read_number


def utilization(reading: Reading) -> Row:
    """Used of total as a ratio, over 1 where more was used; the total becomes `quota_tokens`.

    No tokens of a call are meant: both stay attributes.
    """
    renamed(reading, {"quota_tokens": "total_tokens"})
    used = read_number(reading.see("used_tokens"))
    total = read_number(reading.see("quota_tokens"))
    if used is None or not total or not (used.is_finite() and total.is_finite()):
        return {}
    return {"value": float(used / total), "unit": "ratio"}
