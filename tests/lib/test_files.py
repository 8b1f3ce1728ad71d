"""Static files: compressed for those who take it, as they stand for the others, and never as they were."""

from __future__ import annotations

import gzip
import os
from pathlib import Path

import pytest
from werkzeug.test import Client
from werkzeug.wrappers import Response

from eventapp.lib.web.files import Files
from tools.compress import compress

SHEET = b".verdict { inline-size: 100% }\n" * 100


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "base.css").write_bytes(SHEET)
    (tmp_path / "small.css").write_bytes(b".a{top:0}")
    (tmp_path / "face.woff2").write_bytes(SHEET)
    return tmp_path


def answer(folder: Path, name: str, **headers: str) -> tuple[str | None, str | None, bytes]:
    client = Client(Files(Response("nothing here", 404), root=folder, prefix="static/"))
    got = client.get(f"/static/{name}", headers=headers, buffered=True)
    return got.headers.get("Content-Encoding"), got.headers.get("Vary"), got.get_data()


def test_a_browser_that_takes_gzip_gets_it_and_another_gets_the_file(folder: Path) -> None:
    compress(folder)

    encoding, vary, body = answer(folder, "base.css", **{"Accept-Encoding": "gzip, deflate, br"})

    assert (encoding, vary, gzip.decompress(body)) == ("gzip", "Accept-Encoding", SHEET)
    assert answer(folder, "base.css", **{"Accept-Encoding": "identity"}) == (None, "Accept-Encoding", SHEET)


def test_a_sheet_edited_since_the_build_is_not_answered_as_it_was(folder: Path) -> None:
    compress(folder)
    later = (folder / "base.css.gz").stat().st_mtime + 5
    (folder / "base.css").write_bytes(SHEET + b".new{top:0}")
    os.utime(folder / "base.css", (later, later))

    assert answer(folder, "base.css", **{"Accept-Encoding": "gzip"}) == (None, None, SHEET + b".new{top:0}")


def test_only_what_gains_is_compressed_and_twice_gives_the_same(folder: Path) -> None:
    assert compress(folder) == [folder / "base.css"]
    first = (folder / "base.css.gz").read_bytes()
    assert compress(folder) == []

    (folder / "base.css.gz").unlink()
    compress(folder)
    assert (folder / "base.css.gz").read_bytes() == first


def test_the_compressed_form_of_a_file_that_is_gone_goes_too(folder: Path) -> None:
    compress(folder)
    (folder / "base.css").unlink()

    compress(folder)

    assert sorted(path.name for path in folder.iterdir()) == ["face.woff2", "small.css"]
