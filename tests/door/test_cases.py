"""The shared cases of the door, Python's side. The same file is run by tests/js/door/cases.test.js.

A verdict case names what differs from the first one, part by part; an entry may be null. What is unknown here fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eventapp.door import rules
from eventapp.tickets import rules as tickets

CASES: dict[str, list[dict[str, Any]]] = json.loads(Path(__file__).with_name("cases.json").read_text())
WORDS: dict[str, Any] = json.loads((Path(__file__).parents[2] / "static" / "js" / "door" / "verdicts.json").read_text())
FIRST = CASES["verdicts"][0]["given"]


def decided(given: dict[str, Any]) -> dict[str, Any]:
    known = {"code", "entry", "device", "facts", "override"}
    if extra := given.keys() - known:
        raise KeyError(f"parts unknown to the rule: {sorted(extra)}")
    judge = rules.overruled if given.get("override") else rules.verdict
    ruling = judge(
        _code(_part(given, "code")),
        _entry(given),
        _device(_part(given, "device")),
        _facts(_part(given, "facts")),
    )
    return {
        "verdict": ruling.verdict,
        "moves": ruling.moves,
        "reason": ruling.reason,
        "ref": _ref(ruling.ref),
    }


def understood(given: dict[str, Any]) -> dict[str, Any]:
    match given:
        case {"text": str(text)} if len(given) == 1:
            code = tickets.read(text)
            return {
                "kind": code.kind,
                "token": code.token.hex() if code.token else None,
                "human": code.human,
            }
        case {"token": token, "salt": salt} if len(given) == 2:
            return {"h": tickets.short_hash(bytes.fromhex(salt), bytes.fromhex(token))}
        case {"human": human, "salt": salt} if len(given) == 2:
            return {"hc": tickets.short_human_hash(bytes.fromhex(salt), human)}
        case {"token": token} if len(given) == 1:
            value = bytes.fromhex(token)
            human = tickets.human(value)
            return {
                "text": tickets.text(value),
                "human": human,
                "shown": tickets.display_human(human),
                "sha256": tickets.code_sha256(value).hex(),
            }
    raise KeyError(f"a case about codes that nobody understands: {sorted(given)}")


SECTIONS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "codes": understood,
    "verdicts": decided,
}


def _all() -> list[Any]:
    return [pytest.param(section, case, id=f"{section}: {case['name']}") for section, cases in CASES.items() for case in cases]


@pytest.mark.parametrize(("section", "case"), _all())
def test_case(section: str, case: dict[str, Any]) -> None:
    assert case.keys() == {"name", "given", "expect"}

    assert SECTIONS[section](case["given"]) == case["expect"]


def test_sections_are_known_and_names_are_unique() -> None:
    assert CASES.keys() == SECTIONS.keys()
    for cases in CASES.values():
        names = [case["name"] for case in cases]
        assert len(set(names)) == len(names)


def test_every_verdict_is_covered_and_has_words() -> None:
    covered = {case["expect"]["verdict"] for case in CASES["verdicts"]}

    assert covered == set(rules.Verdict) == WORDS["verdicts"].keys()


def _part(given: dict[str, Any], part: str) -> dict[str, Any]:
    patch = given.get(part, {})
    if extra := patch.keys() - FIRST[part].keys():
        raise KeyError(f"{part}: {sorted(extra)}")
    return {**FIRST[part], **patch}


def _code(code: dict[str, Any]) -> tickets.Code:
    return tickets.Code(
        kind=tickets.Kind(code["kind"]),
        signed=tickets.Signed(code["signed"]),
        issued_at=code["issued_at"],
        type=code["type"],
        notes=code["notes"],
    )


def _entry(given: dict[str, Any]) -> rules.Entry | None:
    if given.get("entry", {}) is None:
        return None
    entry = _part(given, "entry")
    passages = tuple(
        rules.Passage(
            rules.Direction(passage["dir"]),
            passage["at"],
            passage["gate"],
            passage["device"],
        )
        for passage in entry["passages"]
    )
    return rules.Entry(
        **{
            **entry,
            "state": rules.EntryState(entry["state"]),
            "sessions": tuple(entry["sessions"]),
            "passages": passages,
        }
    )


def _device(device: dict[str, Any]) -> rules.Device:
    return rules.Device(
        **{
            **device,
            "dir": rules.Direction(device["dir"]),
            "state": rules.DeviceState(device["state"]),
        }
    )


def _facts(facts: dict[str, Any]) -> rules.Facts:
    types = {
        int(number): rules.TypeFacts(
            windows=tuple(rules.Window(*window) for window in kind["windows"]),
            gates=None if kind["gates"] is None else tuple(kind["gates"]),
            releasable=kind["releasable"],
        )
        for number, kind in facts["types"].items()
    }
    return rules.Facts(
        **{
            **facts,
            "days": tuple(rules.Day(*day) for day in facts["days"]),
            "types": types,
        }
    )


def _ref(ref: rules.Ref) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in vars(ref).items() if value is not None}
