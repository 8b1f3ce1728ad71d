"""Pictures that people upload: judged by their content, decoded in a process of its own, kept only as files that we encoded.

What arrives is never stored nor served; what is served carries no metadata and a name that says nothing.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Integer, String
from sqlalchemy.orm import Composite, composite, mapped_column

from eventapp.lib import codes
from eventapp.lib.db import Translated, forbid_inside_writing
from eventapp.lib.refusal import Refused

WIDTHS = (320, 640, 1280)
KINDS = ("webp", "jpg")

_DECODER = Path(__file__).with_name("decoding.py")


@dataclass(frozen=True)
class Limits:
    """What a picture may cost. Source: trust.md UP-1."""

    max_bytes: int = 5 * 1024 * 1024
    max_pixels: int = 25_000_000
    memory_bytes: int = 640 * 1024 * 1024
    seconds: int = 15


@dataclass(frozen=True)
class Picture:
    """A picture as a value in the row that shows it. `alt` and `caption` are translated; `file` is the name without width and kind."""

    file: str
    credit: str | None
    caption: dict[str, str] | None
    alt: dict[str, str] | None
    width: int | None
    height: int | None


@dataclass(frozen=True)
class Stored:
    """What `receive` has put into the folder: the name without width and kind, and the size in pixels of the widest file."""

    file: str
    width: int
    height: int


@dataclass(frozen=True)
class Source:
    """One width of a stored picture, in pixels, and its two files."""

    width: int
    webp: str
    jpg: str


def columns(prefix: str) -> Composite[Picture | None]:
    """The six columns of a picture: `cover: Mapped[Picture | None] = pictures.columns("cover")`. No file, no picture."""
    return composite(
        Picture,
        mapped_column(f"{prefix}_file", String(40), nullable=True),
        mapped_column(f"{prefix}_credit", String(800), nullable=True),
        mapped_column(f"{prefix}_caption", Translated, nullable=True),
        mapped_column(f"{prefix}_alt", Translated, nullable=True),
        mapped_column(f"{prefix}_width", Integer, nullable=True),
        mapped_column(f"{prefix}_height", Integer, nullable=True),
        return_none_on=lambda file, *_others: file is None,
    )


def receive(stream: IO[bytes], folder: Path, limits: Limits = Limits()) -> Stored:
    """Take one upload: every file of it is in `folder` when this returns, none when it raises.

    Raises Refused: picture.too_large (fact max_bytes), picture.kind (fact kind: "svg" or "other"),
    picture.too_many_pixels (fact max_pixels), picture.unreadable. RuntimeError: inside a writing transaction.
    """
    forbid_inside_writing("pictures")
    body = stream.read(limits.max_bytes + 1)
    if len(body) > limits.max_bytes:
        raise Refused("picture.too_large", max_bytes=limits.max_bytes)
    _refuse_other_kinds(body)
    folder.mkdir(parents=True, exist_ok=True)
    # Beside the folder's files, so that moving them into their place is one rename each.
    incoming = Path(tempfile.mkdtemp(prefix=".incoming-", dir=folder))
    try:
        width, height = _decoded(body, incoming, limits)
        return _moved(incoming, folder, Stored(codes.public_id(), width, height))
    finally:
        shutil.rmtree(incoming, ignore_errors=True)


def sources(file: str, width: int) -> list[Source]:
    """The files of a stored picture whose widest file is `width` pixels wide, narrowest first."""
    return [Source(each, f"{file}-{each}.webp", f"{file}-{each}.jpg") for each in _widths(width)]


def remove(folder: Path, file: str) -> None:
    """Delete every file of a picture. Harmless when they are gone.

    Raises RuntimeError: inside a writing transaction, which could still be rolled back.
    """
    forbid_inside_writing("pictures")
    for width in folder.glob(f"{file}-*"):
        width.unlink(missing_ok=True)


def _widths(widest: int) -> list[int]:
    return [width for width in WIDTHS if width < widest] + [min(widest, WIDTHS[-1])]


def _refuse_other_kinds(body: bytes) -> None:
    head = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP"):
        return
    raise Refused("picture.kind", kind="svg" if b"<svg" in head.lower() else "other")


def _decoded(body: bytes, incoming: Path, limits: Limits) -> tuple[int, int]:
    """Run the decoder on an upload. It gets no environment, no argument of the upload's and the file by a pipe."""
    command = [sys.executable, "-I", str(_DECODER), str(incoming), str(limits.max_pixels), str(limits.memory_bytes), str(limits.seconds)]
    command += [",".join(str(width) for width in WIDTHS)]
    try:
        result = subprocess.run(command, input=body, capture_output=True, env={}, timeout=limits.seconds, check=True)
        answer: dict[str, Any] = json.loads(result.stdout)
    except (subprocess.SubprocessError, ValueError):
        # Killed by its own limits, crashed, or out of time: whatever it was, it is no picture for us.
        raise Refused("picture.unreadable") from None
    if "refused" in answer:
        raise Refused(answer["refused"], **({"max_pixels": limits.max_pixels} if answer["refused"] == "picture.too_many_pixels" else {}))
    return int(answer["width"]), int(answer["height"])


def _moved(incoming: Path, folder: Path, stored: Stored) -> Stored:
    for width in _widths(stored.width):
        for kind in KINDS:
            encoded = incoming / f"{width}.{kind}"
            with encoded.open("rb") as file:
                os.fsync(file.fileno())
            encoded.replace(folder / f"{stored.file}-{width}.{kind}")
    return stored
