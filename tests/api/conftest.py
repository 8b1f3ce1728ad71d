"""Whatever a test of this folder asks the API, each answer is compared with the document that describes it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from flask import Flask, Response, request

from eventapp.api import openapi
from tests.schemas import faults


@pytest.fixture(autouse=True)
def described(request: pytest.FixtureRequest) -> Iterator[list[str]]:
    """The faults of the answers so far. A test that plants one empties it."""
    found: list[str] = []
    if "app" in request.fixturenames or "client" in request.fixturenames:
        compare(request.getfixturevalue("app"), found)
    yield found
    assert found == []


def compare(app: Flask, found: list[str]) -> None:
    with app.app_context():
        document = openapi.document(app)

    @app.after_request
    def judge(answer: Response) -> Response:
        rule = request.url_rule
        if rule is not None and rule.rule.startswith(openapi.PREFIX):
            path = re.sub(r"<([^>]+)>", r"{\1}", rule.rule).removeprefix(openapi.PREFIX)
            operation = document["paths"].get(path, {}).get(request.method.lower())
            if operation is not None:
                found.extend(f"{request.method} {path} {answer.status_code}: {fault}" for fault in judged(answer, operation, document))
        return answer


def judged(answer: Response, operation: dict, document: dict) -> list[str]:
    if answer.status_code == 304:
        return []
    said = operation["responses"].get(str(answer.status_code))
    if said is None:
        return ["this status is not described"]
    if "content" not in said:
        return ["there should be no content"] if answer.get_data() else []
    shape = said["content"].get(answer.mimetype)
    if shape is None:
        return [f"{answer.mimetype} is not described"]
    value = json.loads(answer.get_data())
    wrong = list(faults(value, shape["schema"], document))
    if answer.status_code >= 400 and f"`{value['code']}`" not in said["description"]:
        wrong.append(f"the code {value['code']} is not described")
    return wrong
