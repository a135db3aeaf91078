"""Rows of a CSV file with a header, as documents."""

import csv
from collections.abc import Iterator
from io import StringIO

from llm_analytics_hub.errors import UndecodableError
from llm_analytics_hub.ingest.codecs.json_body import refusal
from llm_analytics_hub.ingest.submission import Refused
from llm_analytics_hub.integrations.message import Document


def csv_rows(text: str) -> Iterator[Document | Refused]:
    """A document for each filled row; empty cells are null. A row that does not fit is refused.

    Raises: UndecodableError for what is no CSV.
    """
    lines = csv.reader(StringIO(text, newline=""), strict=True)
    try:
        header = [name.strip() for name in next(lines, [])]
        for place, cells in enumerate(row for row in lines if row):
            yield _document(header, cells, place)
    except csv.Error as error:
        raise UndecodableError(f"the CSV cannot be read: {error}") from error


def _document(header: list[str], cells: list[str], place: int) -> Document | Refused:
    if len(cells) != len(header):
        message = f"a row of {len(cells)} cells under a header of {len(header)}"
        return refusal(place, "wrong_columns", message, ",".join(cells))
    return {name: cell.strip() or None for name, cell in zip(header, cells, strict=True)}
