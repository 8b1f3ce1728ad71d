"""The examples of docs/api.md, run from the first to the last as they are written: each does what it says and answers what it shows."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.factories import House

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
EXAMPLE = re.compile(r"```sh\n(curl .*?)```\n(?:```json\n(.*?)```\n)?", re.DOTALL)
RANDOM = {"id", "token", "code", "short_code", "url", "request"}
SHOWN = {"Content-Type", "Idempotency-Key", "Authorization"}


def sent(client: FlaskClient, line: str, known: dict[str, str]) -> TestResponse:
    """The request that curl would make of this line; anything that we do not know of curl is an error."""
    for name, value in known.items():
        line = line.replace(f"${name}", value)
    words = iter(shlex.split(line.replace("\\\n", " "))[1:])
    headers, data, address = {}, None, ""
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            data = next(words).encode()
        else:
            assert not address, word
            address = word
    assert set(headers) <= SHOWN
    return client.open(address, method="GET" if data is None else "POST", data=data, headers=headers)


def masked(value: Any) -> Any:
    """An answer without what is different each time."""
    if isinstance(value, dict):
        return {name: type(part).__name__ if name in RANDOM else masked(part) for name, part in value.items()}
    return [masked(part) for part in value] if isinstance(value, list) else value


def test_the_examples_do_what_they_show(app: Flask, client: FlaskClient) -> None:
    House(app.extensions["eventapp"].database)
    known = {"BASE": "/api/v1"}
    statuses = []

    for line, shown in EXAMPLE.findall(PAGE):
        answer = sent(client, line, known)
        assert answer.json is not None, line
        statuses.append((answer.status_code, answer.json.get("state")))
        known |= {name.upper(): answer.json[name] for name in ("id", "token") if name in answer.json}
        if shown:
            assert masked(answer.json) == masked(json.loads(shown)), line

    assert statuses == [(200, "published"), (201, "confirmed"), (200, "confirmed"), (200, "cancelled"), (422, None)]


def test_every_resource_and_every_code_of_the_document_is_on_the_page(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document is not None

    told = [path.replace("{public_id}", "{id}") for path in document["paths"]]
    problems = [
        said["description"]
        for ways in document["paths"].values()
        for one in ways.values()
        for status, said in one["responses"].items()
        if int(status) >= 400
    ]
    codes = set(re.findall(r"`([a-z_.]+)`", " ".join(problems)))

    assert [path for path in told if f"`{path}`" not in PAGE] == []
    assert sorted(code for code in codes if f"`{code}`" not in PAGE) == []
    assert len(codes) > 30
