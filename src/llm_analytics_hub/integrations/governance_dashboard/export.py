"""The audit trail as CSV, as the module writes it: without quotes, so that commas shift columns.

Id, time and user before, and address and checksum behind cannot hold a comma; the three between may.
A resource type is a plain word. So a row with commas too many is read where only one of its cells
can be the type, or only one is a type that other rows of the file have; else it is refused.
"""

import csv
import re
from collections.abc import Iterator, Sequence

from llm_analytics_hub.errors import InvalidInputError, UndecodableError
from llm_analytics_hub.ingest.codecs.json_body import refusal
from llm_analytics_hub.ingest.submission import Refused
from llm_analytics_hub.integrations.message import Document

HEADER = (
    "id", "timestamp", "user_id", "action", "resource_type", "resource_id", "ip_address", "checksum",
)  # fmt: skip
_BEFORE, _BEHIND = HEADER.index("action"), 2
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_ADDRESS = re.compile(r"\[?[0-9A-Fa-f:.]*\]?(:[0-9]+)?")
_CHECKSUM = re.compile(r"[0-9A-Fa-f]{64}|")

Known = frozenset[tuple[str, str]]
"""Actions and resource types that sound rows of a file have."""


def audit_export(text: str) -> Iterator[Document | Refused]:
    """The rows of an export, each as an audit log or refused: `wrong_columns`, `unclear_columns`.

    Raises: UndecodableError where the first line is not the export's.
    """
    header, *lines = [line.rstrip("\r") for line in text.split("\n") if line.strip()] or [""]
    if tuple(name.strip().lower() for name in header.split(",")) != HEADER:
        raise UndecodableError(f"the CSV is no audit export: its first line is not {HEADER}")
    sound = [cells for cells in map(_split, lines) if len(cells) == len(HEADER)]
    known = frozenset((cells[3], cells[4]) for cells in sound)
    for place, line in enumerate(lines):
        yield _document(line, place, known)


def _document(line: str, place: int, known: Known) -> Document | Refused:
    try:
        cells = _cells(line, known)
    except InvalidInputError as error:
        return refusal(place, error.code, error.message, line)
    return {name: cell.strip() or None for name, cell in zip(HEADER, cells, strict=True)}


def _split(line: str) -> list[str]:
    """By all commas; or by those outside quotes, where somebody put quotes in since."""
    try:
        quoted = next(csv.reader([line]), [])
    except csv.Error:
        quoted = []
    return quoted if len(quoted) == len(HEADER) else line.split(",")


def _cells(line: str, known: Known) -> Sequence[str]:
    cells = _split(line)
    if len(cells) == len(HEADER):
        return cells
    if len(cells) < len(HEADER):
        message = f"a row of {len(cells)} columns instead of {len(HEADER)}"
        raise InvalidInputError(message, code="wrong_columns")
    between, behind = cells[_BEFORE:-_BEHIND], cells[-_BEHIND:]
    if not (_ADDRESS.fullmatch(behind[0]) and _CHECKSUM.fullmatch(behind[1])):
        raise _unclear()
    return [*cells[:_BEFORE], *_told_apart(between, known), *behind]


def _told_apart(cells: Sequence[str], known: Known) -> Sequence[str]:
    """Action, resource type and resource id from more cells than three."""
    readings = [
        (",".join(cells[:place]), cells[place], ",".join(cells[place + 1 :]))
        for place in range(1, len(cells) - 1)
        if _WORD.fullmatch(cells[place])
    ]
    types = {kind for _, kind in known}
    pairs = [one for one in readings if one[:2] in known]
    named = [one for one in readings if one[1] in types]
    best = pairs or named or readings
    if len(best) != 1 or _is_address(cells[-1]):
        raise _unclear()
    return best[0]


def _is_address(cell: str) -> bool:
    return bool(cell.strip()) and "." in cell and bool(_ADDRESS.fullmatch(cell.strip()))


def _unclear() -> InvalidInputError:
    message = "a comma in a value shifted the columns, and which value it was cannot be told"
    return InvalidInputError(message, code="unclear_columns")
