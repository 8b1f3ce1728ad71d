"""The document that describes this API (OpenAPI 3.1), made of what the views say of themselves, so that it cannot tell of another API."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Blueprint, Flask, current_app, request
from pydantic import BaseModel, ConfigDict
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule
from werkzeug.wrappers import Response

from eventapp.api.problems import Body
from eventapp.lib import web

PREFIX = "/api/v1"
MAX_AGE_SECONDS = 60
_SCHEMAS = "#/components/schemas/{model}"
_VARIABLE = re.compile(r"<(?:[^:>]+:)?([^>]+)>")
_OF_BODIES: Mapping[int, Sequence[str]] = {
    400: ("request.malformed",),
    413: ("request.too_large",),
    415: ("request.media_type",),
    422: ("request.invalid",),
}
_OF_ALL: Mapping[int, Sequence[str]] = {503: ("unavailable",)}
Anything = TypeVar("Anything")


class Answer(BaseModel):
    """A result: a JSON object with these fields and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ProblemAnswer(BaseModel):
    """An answer that is no result (RFC 9457). `code` is stable, `request` is the id to quote; some codes say more."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    code: str
    detail: str
    request: str | None


@dataclass(frozen=True)
class Parameter:
    """A value of the query or of a header that a request may carry."""

    name: str
    place: str
    schema: Mapping[str, Any]
    description: str


@dataclass(frozen=True)
class Operation:
    """What a view says of itself: its answer, what it reads, and by which codes it refuses.

    `answers` names for each status the shape of the result, None for no content.
    """

    answers: Mapping[int, type[BaseModel] | None]
    body: type[Body] | None = None
    parameters: Sequence[Parameter] = ()
    problems: Mapping[int, Sequence[str]] = field(default_factory=dict)


IDEMPOTENCY_KEY = Parameter(
    "Idempotency-Key",
    "header",
    {"type": "string", "pattern": "^[A-Za-z0-9_-]{16,64}$"},
    "Makes the request safe to send again: the same key with the same body gets the same answer, with another body 422.",
)
LIMIT = Parameter("limit", "query", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}, "How many at most.")
CURSOR = Parameter("cursor", "query", {"type": "string"}, "`next` of the page before.")


def operation(**said: Any) -> Callable[[Anything], Anything]:
    """Say what a view answers, reads and refuses; the fields are those of `Operation`. Stands below `access`."""

    def told(view: Anything) -> Anything:
        view.operation = Operation(**said)  # type: ignore[attr-defined]  # read back by `document`
        return view

    return told


bp = Blueprint("openapi", __name__)
docs = Blueprint("docs", __name__)


@bp.get("/openapi.json")
@web.access("public")
def show() -> Response:
    """The document itself."""
    answer = Response(json.dumps(document(current_app), ensure_ascii=False), mimetype="application/json")
    return shared(answer, max_age_seconds=MAX_AGE_SECONDS)


@docs.get("/docs", endpoint="show")
@web.access("public")
def show_docs() -> Response:
    """The same for people to read."""
    described = document(current_app)
    return web.page("api/docs/show.html", operations=readable(described), shapes=shapes_within(described))


def shared(answer: Response, *, max_age_seconds: int) -> Response:
    """Let caches keep an answer that is the same for everybody; 304 when they have it already."""
    answer.headers["Cache-Control"] = f"public, max-age={max_age_seconds}"
    answer.add_etag()
    answer.make_conditional(request)
    return answer


def document(app: Flask) -> dict[str, Any]:
    """Every route of the API. A route whose view says nothing of itself is left out, which a test notices."""
    routes = list(_routes(app))
    shapes = {shape for _rule, _method, _view, said in routes for shape in (said.body, *said.answers.values()) if shape is not None}
    inputs = [(shape, "validation") for shape in sorted(shapes | {ProblemAnswer}, key=lambda shape: shape.__name__)]
    _names, definitions = models_json_schema(inputs, ref_template=_SCHEMAS)  # type: ignore[arg-type]  # a literal, in a list
    paths: dict[str, dict[str, Any]] = {}
    for rule, method, view, said in routes:
        path = _VARIABLE.sub(r"{\1}", rule.rule).removeprefix(PREFIX)
        paths.setdefault(path, {})[method.lower()] = _operation(rule, view, said)
    return {
        "openapi": "3.1.0",
        "info": {"title": "eventapp", "version": "1", "description": "Events with limited seats: what programs may ask and do."},
        "servers": [{"url": web.absolute(PREFIX)}],
        "paths": paths,
        "components": {
            "schemas": definitions["$defs"],
            "securitySchemes": {
                "registration": {"type": "http", "scheme": "bearer", "description": "The `token` that registering has answered."},
                "device": {"type": "http", "scheme": "bearer", "description": "The `credential` of a phone enrolled at the door."},
            },
        },
    }


def _routes(app: Flask) -> Iterator[tuple[Rule, str, Any, Operation]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule.startswith(f"{PREFIX}/door"), rule.rule)):
        view = app.view_functions[rule.endpoint]
        said = getattr(view, "operation", None)
        if said is not None and rule.rule.startswith(PREFIX):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield rule, method, view, said


def _operation(rule: Rule, view: Any, said: Operation) -> dict[str, Any]:
    summary, _, rest = (view.__doc__ or "").partition("\n")
    result: dict[str, Any] = {
        "operationId": rule.endpoint.removeprefix("api."),
        "summary": summary.strip(),
        "parameters": [*_path_parameters(rule), *map(_parameter, said.parameters)],
        "responses": _answers(said) | _problems(said),
        "security": [{"link": {"registration": []}, "device": {"device": []}}.get(view.access, {})],
    }
    if rest.strip():
        result["description"] = " ".join(rest.split())
    if said.body is not None:
        result["requestBody"] = {"required": True, "content": {"application/json": {"schema": _reference(said.body)}}}
    return result


def _path_parameters(rule: Rule) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in _VARIABLE.findall(rule.rule)]


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": parameter.place,
        "required": False,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _answers(said: Operation) -> dict[str, Any]:
    return {
        str(status): {"description": "Done."}
        if shape is None
        else {"description": (shape.__doc__ or "").strip(), "content": {"application/json": {"schema": _reference(shape)}}}
        for status, shape in said.answers.items()
    }


def _problems(said: Operation) -> dict[str, Any]:
    codes: dict[int, list[str]] = {}
    for group in (said.problems, _OF_BODIES if said.body else {}, _OF_ALL):
        for status, names in group.items():
            codes.setdefault(status, []).extend(names)
    content = {"application/problem+json": {"schema": _reference(ProblemAnswer)}}
    return {
        str(status): {"description": ", ".join(f"`{code}`" for code in dict.fromkeys(names)), "content": content}
        for status, names in sorted(codes.items())
    }


def _reference(shape: type[BaseModel]) -> dict[str, str]:
    return {"$ref": _SCHEMAS.format(model=shape.__name__)}


@dataclass(frozen=True)
class Value:
    """One value that goes in or comes out, and what it is made of in one line."""

    name: str
    kind: str
    required: bool = True
    description: str = ""


@dataclass(frozen=True)
class Readable:
    """An operation as a page shows it; `token` says whose is needed, "" for nobody's."""

    id: str
    method: str
    path: str
    sentence: str
    description: str
    token: str
    parameters: Sequence[Value]
    sent: Sequence[Value]
    answers: Mapping[str, Sequence[Value]]
    problems: Mapping[str, Sequence[str]]


def readable(described: Mapping[str, Any]) -> list[Readable]:
    """What a document says, operation by operation."""
    shapes = described["components"]["schemas"]
    return [
        Readable(
            id=said["operationId"],
            method=method.upper(),
            path=PREFIX + path,
            sentence=said["summary"],
            description=said.get("description", ""),
            token=next(iter(said["security"][0]), ""),
            parameters=[
                Value(one["name"], kind(one["schema"]), one["required"], one.get("description", "").replace("`", ""))
                for one in said["parameters"]
            ],
            sent=_values(said.get("requestBody", {}), shapes),
            answers={status: _values(one, shapes) for status, one in said["responses"].items() if status < "400"},
            problems={status: re.findall("`([^`]+)`", one["description"]) for status, one in said["responses"].items() if status >= "400"},
        )
        for path, ways in described["paths"].items()
        for method, said in ways.items()
    ]


def _values(holder: Mapping[str, Any], shapes: Mapping[str, Any]) -> list[Value]:
    if "content" not in holder:
        return []
    return _fields(shapes[holder["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]])


def _fields(shape: Mapping[str, Any]) -> list[Value]:
    return [Value(name, kind(schema), name in shape.get("required", ())) for name, schema in shape.get("properties", {}).items()]


@dataclass(frozen=True)
class Shape:
    """What stands inside of other values under a name of its own: `kind` of one word, or with fields."""

    name: str
    kind: str
    fields: Sequence[Value]


def shapes_within(described: Mapping[str, Any]) -> list[Shape]:
    """The shapes that stand inside of others, by name."""
    shapes = described["components"]["schemas"]
    names = sorted(set(re.findall(r'"\$ref": "#/components/schemas/([^"]+)"', json.dumps(shapes))))
    return [Shape(name, kind(shapes[name]), _fields(shapes[name])) for name in names]


def kind(schema: Mapping[str, Any]) -> str:
    """What a value is made of, in one line: `string`, `integer | null`, `TicketAnswer[]`, `"fr" | "en"`."""
    if "anyOf" in schema:
        return " | ".join(map(kind, schema["anyOf"]))
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema or "const" in schema:
        return " | ".join(json.dumps(value) for value in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"{kind(schema.get('items', {}))}[]"
    return str(schema.get("format", schema.get("type", "any")))
