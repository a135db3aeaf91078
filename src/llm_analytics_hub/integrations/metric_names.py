"""The unit of a metric, where its name says it: `latency_ms` is milliseconds."""

_ENDINGS = {
    "_per_second": "per_second",
    "_per_minute": "per_minute",
    "_ms": "ms",
    "_us": "us",
    "_ns": "ns",
    "_seconds": "s",
    "_usd": "USD",
    "tokens": "tokens",
    "_bytes": "bytes",
    "_percent": "%",
    "_percentage": "%",
    "_ratio": "ratio",
    "error_rate": "ratio",
    "availability": "%",
}
"""Names end so. A rate that is not of errors may be of anything: it has no unit here."""


def unit_of(metric: object) -> str | None:
    """A unit that the normaliser converts or keeps; None where the name says nothing."""
    if not isinstance(metric, str):
        return None
    name = metric.strip().lower()
    return next((unit for ending, unit in _ENDINGS.items() if name.endswith(ending)), None)
