"""The asset step: what it collects is what pages ask for, and nothing of it comes from, or names, another place."""

import importlib.util
import json
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = ROOT / "templates"


def step() -> ModuleType:
    """tools/assets.py as a module: it is a command, not part of the package."""
    spec = importlib.util.spec_from_file_location("assets_step", ROOT / "tools" / "assets.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def icons_asked_for() -> set[str]:
    """Names given to the icon macro, and those given to macros that pass them on."""
    sources = "".join(file.read_text(encoding="utf-8") for file in TEMPLATES.rglob("*.html"))
    return set(re.findall(r"\b_?icon\(\"([\w-]+)\"", sources)) | set(re.findall(r"icon=\"([\w-]+)\"", sources))


def test_every_icon_asked_for_is_in_the_sprite() -> None:
    strangers = icons_asked_for() - set(step().ICONS)

    assert strangers == set()


def test_the_small_sprite_is_the_one_the_macro_names() -> None:
    macro = (TEMPLATES / "parts" / "icon.html").read_text(encoding="utf-8")
    named = re.search(r"set everyday = \[(.*?)\]", macro, flags=re.DOTALL)
    assert named is not None

    assert tuple(re.findall(r"\"([\w-]+)\"", named[1])) == step().EVERYDAY
    assert set(step().EVERYDAY) <= set(step().ICONS)


def test_the_lock_holds_hashes_and_no_registry_address() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: package for name, package in lock["packages"].items() if name}

    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if not package.get("integrity", "").startswith("sha512-")] == []


def test_nothing_collected_is_tracked_by_git() -> None:
    tracked = subprocess.run(["git", "ls-files", "static/vendor", "node_modules"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert tracked.stdout == ""


def test_a_rule_survives_when_one_of_its_selectors_is_used() -> None:
    css = ".modal,.btn{color:red}.carousel{top:0}@media (min-width:576px){.toast{top:0}}@media print{.d-none{display:none}}"

    assert step().trimmed(css) == ".btn{color:red}@media print{.d-none{display:none}}"


@pytest.mark.parametrize("name", ["bootstrap/bootstrap.css", "fonts/fonts.css"])
def test_collected_sheets_ask_nothing_of_other_hosts(name: str) -> None:
    css = (ROOT / "static" / "vendor" / name).read_text(encoding="utf-8")

    addresses = [address for address in re.findall(r"url\(([^)]*)", css) if not address.startswith(('"data:', "data:", "bricolage-"))]

    assert addresses == []


def test_bootstrap_stands_in_the_lowest_layer() -> None:
    css = (ROOT / "static" / "vendor" / "bootstrap" / "bootstrap.css").read_text(encoding="utf-8")

    statements = [prelude for prelude, _body in step().rules(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL).strip())]

    assert statements == ["@layer vendor, tokens, theme, base, rooms", "@layer vendor"]
