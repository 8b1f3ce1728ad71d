"""What can be set, run, refused or mailed is documented."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest
from babel.messages.pofile import read_po

from config import NAMES
from eventapp.app import commands
from tools import trust

ROOT = Path(__file__).resolve().parent.parent.parent
PAGES = "\n".join(path.read_text(encoding="utf-8") for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def names(group: click.Group, before: str = "") -> list[str]:
    found = []
    for name, command in group.commands.items():
        found += names(command, f"{before}{name} ") if isinstance(command, click.Group) else [f"{before}{name}"]
    return found


def test_every_setting_is_documented() -> None:
    assert [name for name in NAMES if name not in PAGES] == []


def test_every_command_is_documented() -> None:
    assert [name for name in names(commands) if not re.search(rf"(eventapp |\| `|`){name}\b", PAGES)] == []


def test_every_refusal_is_documented() -> None:
    codes = re.findall(r'code == "([a-z_.]+)"', (ROOT / "templates" / "parts" / "refusals.html").read_text(encoding="utf-8"))

    assert [code for code in codes if f"`{code}`" not in API] == []
    assert len(codes) > 50


def test_every_kind_of_mail_is_documented() -> None:
    kinds = {path.stem for path in ROOT.glob("templates/*/mail/*.txt") if not path.stem.startswith("_")}

    assert sorted(kind for kind in kinds if f"`{kind}`" not in API) == []
    assert len(kinds) > 10


def test_every_promise_is_cited_by_a_test() -> None:
    promises = trust.promised((ROOT / "docs" / "trust.md").read_text(encoding="utf-8"))

    assert sorted(set(promises) - set(trust.cited(ROOT / "tests"))) == []
    assert len(promises) == len(set(promises)) > 50


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    "handbook", ["README.md", *(f"docs/{name}.{language}.md" for name in ("attendees", "door", "organisers") for language in ("en", "fr"))]
)
def test_what_a_reader_is_told_to_look_for_is_on_a_page(handbook: str) -> None:
    with (ROOT / "translations" / "fr" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    texts = [message.string if ".fr." in handbook else message.id for message in messages]
    shown = {plain(text) for both in texts for text in ([both] if isinstance(both, str) else both)}
    named = re.findall(r"(?<![*\w])\*([^*\n]+)\*(?!\*)", plain((ROOT / handbook).read_text(encoding="utf-8")))

    assert [name for name in named if name not in shown] == []
    assert len(named) > 1
