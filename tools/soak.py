"""The proofs at full length: `python -m tools.soak [part]`. Each part is the same test as in `make test`, with larger numbers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PARTS = {
    "rush": (["tests/concurrency/test_registration.py"], {"ROUNDS": "20"}),
    "machine": (["tests/flows/test_machine.py"], {"MACHINE": "60"}),
    "sessions": (["tests/flows/test_session_machine.py"], {"MACHINE": "60"}),
    "history": (["tests/concurrency/test_history.py"], {"COMMANDS": "1250"}),
    "door": (["tests/concurrency/test_door.py"], {"ROUNDS": "500"}),
    "kill": (["tests/flows/test_kill.py"], {"KILLS": "200"}),
    "evening": (["tests/flows/test_grand_opening.py"], {}),
}


def main(wanted: list[str]) -> int:
    """Run these parts, or all; gives 1 when one fails."""
    unknown = set(wanted) - set(PARTS)
    if unknown:
        sys.exit(f"there is no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    worst = 0
    for name in wanted or PARTS:
        files, numbers = PARTS[name]
        print(f"== {name} {numbers or ''}", flush=True)
        done = subprocess.run([sys.executable, "-m", "pytest", *files], cwd=ROOT, env=os.environ | numbers, check=False)
        worst = worst or done.returncode
    return worst


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
