"""What browsers are given, smaller: a `.gz` beside each static file that gains by it, for the server to send as it is.

Run `python tools/compress.py` after the asset step. The same bytes always give the same bytes; a file that has not changed is
left alone. Nothing of it is committed.
"""

import gzip
from pathlib import Path

STATIC = Path(__file__).resolve().parent.parent / "static"
KINDS = frozenset({".css", ".js", ".json", ".svg", ".wasm"})
LEAST_BYTES = 1_000


def twin(path: Path) -> Path:
    """Where the compressed form of a file stands."""
    return path.with_name(path.name + ".gz")


def gains(path: Path) -> bool:
    """Whether a file is of a kind, and of a size, that is worth compressing."""
    return path.suffix in KINDS and path.is_file() and path.stat().st_size >= LEAST_BYTES


def compress(folder: Path) -> list[Path]:
    """Write the twins that are missing or older than their file, remove those of files that are gone; what was written."""
    for left in folder.rglob("*.gz"):
        if not gains(left.with_suffix("")):
            left.unlink()
    stale = [
        path
        for path in sorted(folder.rglob("*"))
        if gains(path) and not (twin(path).is_file() and twin(path).stat().st_mtime_ns >= path.stat().st_mtime_ns)
    ]
    for path in stale:
        twin(path).write_bytes(gzip.compress(path.read_bytes(), mtime=0))
    return stale


if __name__ == "__main__":
    print(f"compressed: {len(compress(STATIC))} files")
