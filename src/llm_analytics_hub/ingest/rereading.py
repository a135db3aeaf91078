"""Dead letters read once more: which of their events are new, which were stored, which stay refused."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from llm_analytics_hub.errors import HubError, UndecodableError
from llm_analytics_hub.ingest.codecs.json_body import decode_json
from llm_analytics_hub.normalize.normalizer import Normalized, RawEvent

Letter = Mapping[str, Any]
Read = Callable[[str, RawEvent, datetime, str], Sequence[RawEvent]]
"""Raw events of a refused document, by the door, the time and the subject it came under."""


@dataclass
class Reread:
    """Letters and their events: `owners` gives for each row the place of its letter.

    `codes` says by place why a letter stays; `fresh` which letters hold an event not stored yet.
    """

    letters: Sequence[Letter]
    rows: list[RawEvent]
    owners: list[int]
    codes: dict[int, str]
    fresh: set[int]

    def refuse(self, row: int, code: str) -> None:
        """Let the letter of `row` stay, for the first reason found."""
        self.codes.setdefault(self.owners[row], code)

    @property
    def settled(self) -> list[str]:
        """Ids of the letters that may go once their events are stored."""
        return [
            one["letter_id"] for place, one in enumerate(self.letters) if place not in self.codes
        ]

    @property
    def stored(self) -> int:
        """How many of these bring something new."""
        return len(self.fresh - self.codes.keys())

    @property
    def reasons(self) -> dict[str, int]:
        """How many letters stay, by code."""
        return dict(Counter(self.codes.values()))


def reread(letters: Sequence[Letter], read: Read) -> Reread:
    """The events of `letters`; a letter that cannot be read stays with the code of its fault."""
    done = Reread(letters, [], [], {}, set())
    for place, letter in enumerate(letters):
        try:
            rows = _events_of(letter, read)
        except HubError as error:
            done.codes[place] = error.code
        except RecursionError:
            done.codes[place] = "attributes_too_deep"
        else:
            done.rows += rows
            done.owners += [place] * len(rows)
    return done


def new_rows(
    done: Reread, checked: Normalized, known: NDArray[np.uint64], seen: set[int]
) -> list[int]:
    """The rows to be stored: sound, of no key in `known` or `seen`, each key once.

    Notes in `done` what is refused and which letters are fresh, and in `seen` the new keys.
    """
    for fault in checked.faults:
        done.refuse(fault.row, fault.code)
    gone = set(known.tolist()) | seen
    fresh: dict[int, int] = {}
    keys = checked.events["event_key"].to_pylist()
    for row, key in zip(checked.rows.to_pylist(), keys, strict=True):
        if key not in gone:
            fresh.setdefault(key, row)
    seen.update(fresh)
    done.fresh.update(done.owners[row] for row in fresh.values())
    return list(fresh.values())


def _events_of(letter: Letter, read: Read) -> Sequence[RawEvent]:
    document = decode_json((letter["payload"] or "").encode())
    if not isinstance(document, dict):
        raise UndecodableError("the letter holds no JSON object")
    rows = read(letter["door"], document, letter["received_at"], letter["subject"] or "")
    if not rows:
        raise UndecodableError("the letter holds no event")
    return rows
