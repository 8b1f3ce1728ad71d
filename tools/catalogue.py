"""The catalogue: messages taken from code and templates, French words merged from `translations/parts/`, compiled.

`python tools/catalogue.py` writes `translations/*/LC_MESSAGES/messages.{po,mo}`; `--check` fails, naming them, when a message
has no French words, when its placeholders differ, or when a part holds words that nothing says any more.
"""

from __future__ import annotations

import json
import re
import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import write_po

ROOT = Path(__file__).resolve().parent.parent
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
OPTIONS = {"**.html": {"extensions": "jinja2.ext.i18n", "trimmed": "true"}, "**.txt": {"extensions": "jinja2.ext.i18n", "trimmed": "true"}}
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "lazy_gettext": None, "lazy_ngettext": (1, 2), "pgettext": ((1, "c"), 2)}


def extracted() -> Catalog:
    """Every message of code and templates."""
    catalog = Catalog(locale="fr", project="eventapp", version="1", charset="utf-8", fuzzy=False)
    jinja = "jinja2.ext:babel_extract"
    for folder, methods in (("eventapp", [("**.py", "python")]), ("templates", [("**.html", jinja), ("**.txt", jinja)])):
        for _file, _line, message, comments, context in extract_from_dir(
            str(ROOT / folder), method_map=methods, options_map=OPTIONS, keywords=KEYWORDS
        ):
            catalog.add(message, None, [], auto_comments=comments, context=context)
    return catalog


def parts() -> dict[str, str | list[str]]:
    """The French words of every area; two areas that disagree about a message are an error."""
    words: dict[str, str | list[str]] = {}
    for file in sorted((ROOT / "translations" / "parts").glob("*.fr.json")):
        for message, french in json.loads(file.read_text()).items():
            if words.get(message, french) != french:
                print(f"{file.name}: {message!r} is {french!r} here and {words[message]!r} elsewhere", file=sys.stderr)
            words.setdefault(message, french)
    return words


def main(check: bool) -> int:
    """Build or check. Gives the exit status."""
    catalog, words = extracted(), parts()
    faults, used = [], set()
    for message in catalog:
        if not message.id:
            continue
        singular = message.id if isinstance(message.id, str) else message.id[0]
        french = words.get(singular)
        if french is None:
            faults.append(f"no French for {singular!r}")
            continue
        used.add(singular)
        plural = not isinstance(message.id, str)
        if plural != isinstance(french, list):
            faults.append(f"{singular!r}: one form where the other has two")
            continue
        for text in french if isinstance(french, list) else [french]:
            wanted = set(PLACEHOLDER.findall(singular)) | set(PLACEHOLDER.findall(message.id[1] if plural else ""))
            if not set(PLACEHOLDER.findall(text)) <= wanted:
                faults.append(f"{singular!r}: placeholders of {text!r} differ")
        message.string = tuple(french) if isinstance(french, list) else french
        message.flags.discard("fuzzy")
    faults += [f"nothing says {message!r} any more" for message in sorted(set(words) - used)]
    _write(catalog, "fr")
    english = Catalog(locale="en", project="eventapp", version="1", charset="utf-8", fuzzy=False)
    _write(english, "en")
    if check and faults:
        print("\n".join(faults), file=sys.stderr)
        print(f"{len(faults)} faults in the catalogue", file=sys.stderr)
        return 1
    print(f"{len(used)} messages" + (f", {len(faults)} faults" if faults else ""))
    return 0


def _write(catalog: Catalog, language: str) -> None:
    folder = ROOT / "translations" / language / "LC_MESSAGES"
    folder.mkdir(parents=True, exist_ok=True)
    buffer = BytesIO()
    write_mo(buffer, catalog)
    (folder / "messages.mo").write_bytes(buffer.getvalue())
    buffer = BytesIO()
    write_po(buffer, catalog, omit_header=False, no_location=True, sort_output=True, width=100)
    (folder / "messages.po").write_bytes(buffer.getvalue())


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv))
