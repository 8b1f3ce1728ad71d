"""What a first visit costs a phone: every byte of the page and of the files it asks for, as they are sent. Source: look.md."""

from __future__ import annotations

import gzip
import re
from urllib.parse import urljoin

import pytest
from flask.testing import FlaskClient

from eventapp.lib.db import Database
from tests.factories import House
from tools.compress import STATIC, compress

TAKES = {"Accept-Encoding": "gzip, deflate, br, zstd"}
ASKED = re.compile(r"""<(?:script|img|use|link rel="(?:stylesheet|icon|modulepreload|preload)")[^>]*?(?:src|href)="(/[^"#]+)""")
INSIDE = {"text/css": re.compile(r"url\(([\w./-]+)\)"), "text/javascript": re.compile(r"""(?:from|import)\s*["']([./][^"']+)["']""")}


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    compress(STATIC)


def weights(client: FlaskClient, page: str) -> dict[str, int]:
    """What each answer of a first visit weighs, by its address, in bytes."""
    found: dict[str, int] = {}
    wanted = [page]
    while wanted:
        address = wanted.pop()
        if address in found:
            continue
        answer = client.get(address, headers=TAKES, buffered=True)
        assert answer.status_code == 200, address
        body = answer.get_data()
        found[address] = len(body)
        plain = gzip.decompress(body) if answer.headers.get("Content-Encoding") == "gzip" else body
        asked = ASKED if answer.mimetype == "text/html" else INSIDE.get(answer.mimetype)
        wanted += [urljoin(address, one) for one in asked.findall(plain.decode())] if asked else []
    return found


@pytest.mark.parametrize(
    ("page", "most"),
    [("/fr/", 100_000), ("/fr/events/grand-opening", 100_000), ("/fr/events/grand-opening/registrations/new", 80_000)],
)
def test_a_first_visit_is_light(client: FlaskClient, database: Database, page: str, most: int) -> None:
    House(database, limit=2)

    found = weights(client, page)

    assert sum(found.values()) <= most, found
