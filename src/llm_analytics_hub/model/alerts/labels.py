"""Labels: names and values that tell alerts apart and say where they go."""

from collections.abc import Mapping

import xxhash

Labels = tuple[tuple[str, str], ...]
"""Pairs of name and value, in the order of their names: equal labels are equal values."""


def labels_of(pairs: Mapping[str, str]) -> Labels:
    """The labels of a mapping."""
    return tuple(sorted(pairs.items()))


def fingerprint(tenant: str, rule: str, labels: Labels) -> str:
    """16 hex digits that stand for one alert of one rule."""
    parts = [tenant, rule, *(part for pair in labels for part in pair)]
    # Lengths first: no two lists of parts are one text.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return xxhash.xxh64_hexdigest(text.encode())
