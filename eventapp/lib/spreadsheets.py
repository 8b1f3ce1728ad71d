"""The one writer and the one reader of CSV: what a person typed stays text in any spreadsheet and comes back as it was."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import IO

from eventapp.lib.refusal import Refused

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
CONTENT_TYPE = "text/csv; charset=utf-8"

Cell = str | int | float | datetime | date | bool | None

_CHUNK_ROWS = 200
_STARTS_A_CELL_ANEW = frozenset("\t\r\n")
_DANGEROUS_FIRST = _STARTS_A_CELL_ANEW | frozenset("=+-@|%＝＋－＠｜％")


def rows(header: Sequence[str], body: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """A CSV file in pieces, to be streamed: UTF-8 with BOM, every cell quoted, CRLF; memory stays flat.

    Text that a spreadsheet would take for a formula is preceded by an apostrophe. Numbers stay numbers, instants are ISO 8601.
    Source: trust.md OUT-3.
    """
    yield b"\xef\xbb\xbf"
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([_written(title) for title in header])
    for number, row in enumerate(body, start=1):
        writer.writerow([_written(cell) for cell in row])
        if number % _CHUNK_ROWS == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def read(stream: IO[bytes]) -> Iterator[list[str]]:
    """The rows of a CSV file, header first, guards removed, short rows filled up; separated by commas, semicolons or tabs.

    Raises Refused: spreadsheet.too_large (fact max_bytes), spreadsheet.too_many_rows (fact max_rows), spreadsheet.encoding
    (not UTF-8), spreadsheet.malformed (fact row), spreadsheet.too_wide (fact row: more cells than the header).
    """
    content = _decoded(stream)
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=_delimiter(content), strict=True)
    width = None
    number = -1
    try:
        for number, row in enumerate(reader):
            width = len(row) if width is None else width
            _judge(row, number=number, width=width)
            yield [unguarded(cell) for cell in row] + [""] * (width - len(row))
    except csv.Error:
        raise Refused("spreadsheet.malformed", row=number + 2) from None


def guarded(text: str) -> str:
    """The text as a spreadsheet must see it. Exactly undone by `unguarded`."""
    return f"'{text}" if _is_dangerous(text) else text


def unguarded(text: str) -> str:
    """The text as it was before `guarded`."""
    return text[1:] if text.startswith("'") and _is_dangerous(text) else text


def _written(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return int(cell)
    if isinstance(cell, datetime | date):
        return cell.isoformat()
    return guarded(cell) if isinstance(cell, str) else cell


def _is_dangerous(text: str) -> bool:
    # Apostrophes in front are looked through, so that a guard can be told from an apostrophe that a person has typed.
    first = next((one for one in text.lstrip("'") if one in _STARTS_A_CELL_ANEW or _is_visible(one)), "")
    return first in _DANGEROUS_FIRST


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in ("Cc", "Cf", "Zs", "Zl", "Zp")


def _taken(buffer: io.StringIO) -> bytes:
    piece = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return piece


def _decoded(stream: IO[bytes]) -> str:
    content = stream.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Refused("spreadsheet.too_large", max_bytes=MAX_BYTES)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused("spreadsheet.encoding") from None


def _delimiter(content: str) -> str:
    """The separator that the header uses most outside of its quoted cells; French spreadsheets write semicolons."""
    counts = dict.fromkeys(",;\t", 0)
    quoted = False
    for character in content:
        if character == '"':
            quoted = not quoted
        elif not quoted and character in "\r\n":
            break
        elif not quoted and character in counts:
            counts[character] += 1
    return max(counts, key=lambda candidate: counts[candidate])


def _judge(row: Sequence[str], *, number: int, width: int) -> None:
    if number > MAX_ROWS:
        raise Refused("spreadsheet.too_many_rows", max_rows=MAX_ROWS)
    if len(row) > width:
        raise Refused("spreadsheet.too_wide", row=number + 1)
