"""A judge of JSON against a schema (JSON Schema 2020-12), for as much of it as our document uses; anything else in a schema is an error."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
SAID = {"title", "description", "default"}
BOUNDS = {
    "minimum": lambda value, bound: value >= bound,
    "maximum": lambda value, bound: value <= bound,
    "minLength": lambda value, bound: len(value) >= bound,
    "maxLength": lambda value, bound: len(value) <= bound,
    "minItems": lambda value, bound: len(value) >= bound,
    "maxItems": lambda value, bound: len(value) <= bound,
    "pattern": lambda value, pattern: re.search(pattern, value) is not None,
    "const": lambda value, wanted: value == wanted,
    "enum": lambda value, wanted: value in wanted,
    "format": lambda value, name: FORMATS[name](value),
}


def is_instant(value: str) -> bool:
    """RFC 3339: with an offset, always."""
    return datetime.fromisoformat(value).tzinfo is not None


FORMATS = {
    "date-time": is_instant,
    "uuid": lambda value: re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", value) is not None,
}


def faults(value: Any, schema: Mapping[str, Any], document: Mapping[str, Any], at: str = "$") -> Iterator[str]:
    """Each place where a value is not what a schema of this document says."""
    if "$ref" in schema:
        yield from faults(value, resolved(schema["$ref"], document), document, at)
        return
    if "anyOf" in schema:
        ways = [list(faults(value, way, document, at)) for way in schema["anyOf"]]
        if all(ways):
            yield from min(ways, key=len)
        return
    unknown = set(schema) - SAID - set(BOUNDS) - {"type", "properties", "required", "additionalProperties", "items"}
    if unknown:
        raise NotImplementedError(f"{at}: {sorted(unknown)}")
    wanted = schema.get("type")
    if wanted and (not isinstance(value, TYPES[wanted]) or (isinstance(value, bool) and wanted != "boolean")):
        yield f"{at}: {value!r} is no {wanted}"
        return
    yield from (f"{at}: {value!r} breaks {name}" for name, judge in BOUNDS.items() if name in schema and not judge(value, schema[name]))
    if isinstance(value, dict):
        yield from _of_object(value, schema, document, at)
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from faults(item, schema.get("items", {}), document, f"{at}[{index}]")


def _of_object(value: Mapping[str, Any], schema: Mapping[str, Any], document: Mapping[str, Any], at: str) -> Iterator[str]:
    known = schema.get("properties", {})
    yield from (f"{at}: {name} is missing" for name in schema.get("required", ()) if name not in value)
    for name, part in value.items():
        rest = schema.get("additionalProperties", True)
        if name in known:
            yield from faults(part, known[name], document, f"{at}.{name}")
        elif rest is False:
            yield f"{at}: {name} is not described"
        elif isinstance(rest, dict):
            yield from faults(part, rest, document, f"{at}.{name}")


def resolved(reference: str, document: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference inside the document points at."""
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found  # type: ignore[no-any-return]
