"""A stretch of time on the platform, with dice of its own."""

from dataclasses import dataclass
from zlib import crc32

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from llm_analytics_hub.simulator.story import Span, Story

Integers = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Scene:
    """What the modules need to play a stretch of time: when it is, the plot, the dice."""

    seed: int
    span: Span
    story: Story

    def dice(self, name: str) -> Generator:
        """The dice called `name`: they fall alike for the same seed, stretch and name."""
        length_us = self.span.ends_us - self.span.begins_us
        return np.random.default_rng(
            [self.seed, self.span.begins_us, length_us, crc32(name.encode())]
        )

    def moments(self, dice: Generator, count: int) -> Integers:
        """`count` moments of the stretch in microseconds since 1970, in order."""
        return np.sort(dice.integers(self.span.begins_us, self.span.ends_us, count))

    def hex_ids(self, name: str, count: int, digits: int) -> list[str]:
        """`count` ids of `digits` hexadecimal digits; more of them leave the first unchanged."""
        text = self.dice(f"ids of {name}").bytes(count * digits // 2).hex()
        return [text[at : at + digits] for at in range(0, count * digits, digits)]

    def uuids(self, name: str, count: int) -> list[str]:
        """`count` random-looking UUIDs (version 4 in form), the same in every run."""
        return [
            f"{x[:8]}-{x[8:12]}-4{x[13:16]}-a{x[17:20]}-{x[20:]}"
            for x in self.hex_ids(name, count, 32)
        ]


def iso_times(moments_us: Integers) -> list[str]:
    """The moments as `2025-11-19T10:00:00.123456Z`."""
    texts = np.datetime_as_string(moments_us.astype("datetime64[us]"), timezone="UTC")
    return [str(text) for text in texts.tolist()]
