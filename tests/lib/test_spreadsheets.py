"""CSV: nothing typed becomes a formula, and everything comes back as it was."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from eventapp.lib import spreadsheets
from eventapp.lib.refusal import Refused
from eventapp.lib.spreadsheets import guarded, read, rows, unguarded

AWKWARD = [
    "=1+1",
    "+33 6 12 34 56 78",
    "-1",
    "@SUM(A1)",
    "|calc",
    "%0A",
    "＝1",
    "\t=1",
    "\r",
    "\n=1",
    " =1",
    "\u200b=1",
    "'=1",
    "''=1",
    "' =1",
]
CELLS = st.text(st.sampled_from("=+-@|%'\t\r\n \"；;,aé＝\u200b") | st.characters(exclude_categories=("Cs",)), max_size=8)


def written(*body: list[spreadsheets.Cell], header: tuple[str, ...] = ("a", "b")) -> bytes:
    return b"".join(rows(header, body))


@pytest.mark.trust("OUT-3")
def test_a_file_is_utf8_with_bom_and_every_cell_quoted() -> None:
    content = written(["Inès", 3], [None, True], ['a;"b"\nc', datetime(2027, 9, 24, 16, 30, tzinfo=UTC)], ["", date(2027, 9, 24)])

    assert content == ('\ufeff"a","b"\r\n"Inès","3"\r\n"","1"\r\n"a;""b""\nc","2027-09-24T16:30:00+00:00"\r\n"","2027-09-24"\r\n'.encode())


@pytest.mark.trust("OUT-3")
@pytest.mark.parametrize("typed", AWKWARD)
def test_what_looks_like_a_formula_is_preceded_by_an_apostrophe(typed: str) -> None:
    (_header, row) = csv.reader(io.StringIO(written([typed, ""]).decode("utf-8-sig"), newline=""))

    assert row == [f"'{typed}", ""]


@pytest.mark.trust("OUT-3")
@pytest.mark.parametrize("typed", ["Inès", "a=b", "'a", "l'été", "1-2", "", "'", " "])
def test_other_text_is_left_alone(typed: str) -> None:
    assert guarded(typed) == typed


def test_negative_numbers_stay_numbers_and_headers_are_guarded() -> None:
    assert written([-1, -1.5], header=("=a", "b")) == '\ufeff"\'=a","b"\r\n"-1","-1.5"\r\n'.encode()


@pytest.mark.trust("OUT-3")
@given(st.lists(st.tuples(CELLS, CELLS), max_size=4))
@example([(typed, "x") for typed in AWKWARD])
def test_export_import_export_is_identical(body: list[tuple[str, str]]) -> None:
    exported = written(*[list(row) for row in body])

    header, *imported = read(io.BytesIO(exported))

    assert (header, imported) == (["a", "b"], [list(row) for row in body])
    assert written(*imported) == exported


@pytest.mark.trust("OUT-3")
@given(CELLS)
@example(" \n")
def test_no_guarded_cell_starts_a_formula(typed: str) -> None:
    seen = guarded(typed).lstrip("\u200b ")

    assert not seen.startswith(tuple("=+-@|%＝\t\r\n"))
    assert unguarded(guarded(typed)) == typed


def test_without_the_guard_a_formula_would_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: guard removed, the file shows a formula."""
    monkeypatch.setattr(spreadsheets, "_is_dangerous", lambda text: False)

    assert b'"=1+1"' in written(["=1+1", ""])


@pytest.mark.parametrize("content", [b"a;b\r\nc;d,e\r\n", b"a\tb\nc\td,e\n", b'"a","b"\rc,"d,e"\r'])
def test_files_of_other_programs_are_read(content: bytes) -> None:
    assert list(read(io.BytesIO(content))) == [["a", "b"], ["c", "d,e"]]


def test_short_rows_are_filled_up() -> None:
    assert list(read(io.BytesIO(b"a,b\nc\n"))) == [["a", "b"], ["c", ""]]


@pytest.mark.trust("IN-7")
@pytest.mark.parametrize(
    ("content", "code", "facts"),
    [
        (b"a" * (spreadsheets.MAX_BYTES + 1), "spreadsheet.too_large", {"max_bytes": spreadsheets.MAX_BYTES}),
        (b"a\n" * (spreadsheets.MAX_ROWS + 2), "spreadsheet.too_many_rows", {"max_rows": spreadsheets.MAX_ROWS}),
        ("é".encode("cp1252"), "spreadsheet.encoding", {}),
        (b'a,b\n"c"d,e\n', "spreadsheet.malformed", {"row": 2}),
        (b"a,b\nc,d,e\n", "spreadsheet.too_wide", {"row": 2}),
    ],
)
def test_what_cannot_be_read_is_refused(content: bytes, code: str, facts: dict[str, int]) -> None:
    with pytest.raises(Refused) as refusal:
        list(read(io.BytesIO(content)))

    assert (refusal.value.code, refusal.value.facts) == (code, facts)


def test_a_full_file_is_read() -> None:
    assert sum(1 for _ in read(io.BytesIO(b"a\n" * (spreadsheets.MAX_ROWS + 1)))) == spreadsheets.MAX_ROWS + 1


def test_rows_are_streamed() -> None:
    asked = 0

    def body() -> object:
        nonlocal asked
        for asked in range(10_000):
            yield ["a", asked]

    pieces = rows(("a", "b"), body())  # type: ignore[arg-type]  # a generator is an iterable
    next(pieces), next(pieces)

    assert asked < 500
