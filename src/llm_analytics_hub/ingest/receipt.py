"""What became of a request's events, in the words of every door."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Rejection:
    """One refused event: its place in the request, a stable code, and what to do about it."""

    index: int
    code: str
    message: str


@dataclass(frozen=True)
class Receipt:
    """The answer to a request; given after everything accepted is stored."""

    accepted: int
    duplicates: int
    rejected: list[Rejection] = field(default_factory=list)
