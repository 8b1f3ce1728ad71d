"""Pictures: judged by content, decoded elsewhere under limits, kept only as our own files."""

import io
import resource
import struct
import subprocess
import sys
import time
import zlib
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from eventapp.lib import db, pictures
from eventapp.lib.pictures import Limits, Picture, Source, receive, remove, sources
from eventapp.lib.refusal import Refused


def encoded(kind: str, size: tuple[int, int] = (1600, 900), mode: str = "RGB", **options: object) -> io.BytesIO:
    file = io.BytesIO()
    Image.effect_mandelbrot(size, (-2, -1.5, 1, 1.5), 20).convert(mode).save(file, kind, **options)
    file.seek(0)
    return file


def opened(file: Path) -> Image.Image:
    return Image.open(io.BytesIO(file.read_bytes()))


def bomb(side: int) -> io.BytesIO:
    """A valid PNG of side² grey pixels that weighs next to nothing."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    squeeze = zlib.compressobj(9)
    rows = b"".join(squeeze.compress(b"\x00" * (side + 1)) for _ in range(side)) + squeeze.flush()
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b""))


@pytest.mark.trust("UP-1")
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_a_picture_becomes_six_files_of_ours(tmp_path: Path, kind: str) -> None:
    stored = receive(encoded(kind), tmp_path)

    expected = {f"{stored.file}-{width}.{suffix}": width for width in (320, 640, 1280) for suffix in ("webp", "jpg")}
    assert {file.name: opened(file).width for file in tmp_path.iterdir()} == expected
    assert (stored.width, stored.height) == (1280, 720)
    assert {opened(file).format for file in tmp_path.glob("*.jpg")} == {"JPEG"}
    assert {opened(file).format for file in tmp_path.glob("*.webp")} == {"WEBP"}


def test_a_small_picture_is_not_enlarged(tmp_path: Path) -> None:
    stored = receive(encoded("PNG", (400, 200)), tmp_path)

    assert (stored.width, stored.height) == (400, 200)
    assert sources(stored.file, stored.width) == [
        Source(width, f"{stored.file}-{width}.webp", f"{stored.file}-{width}.jpg") for width in (320, 400)
    ]
    assert {source.jpg for source in sources(stored.file, 400)} == {file.name for file in tmp_path.glob("*.jpg")}


@pytest.mark.trust("UP-1")
def test_metadata_is_gone_and_the_turn_it_asked_for_is_made(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010E] = "canary"
    stored = receive(encoded("JPEG", (800, 400), exif=exif, comment=b"canary"), tmp_path)

    assert (stored.width, stored.height) == (400, 800)
    for file in tmp_path.iterdir():
        assert b"canary" not in file.read_bytes()
        assert dict(opened(file).getexif()) == {}


def test_transparency_survives_in_webp_and_is_white_in_jpeg(tmp_path: Path) -> None:
    file = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(file, "PNG")
    file.seek(0)

    stored = receive(file, tmp_path)

    assert opened(tmp_path / f"{stored.file}-10.webp").convert("RGBA").getpixel((5, 5))[3] == 0  # type: ignore[index]
    assert opened(tmp_path / f"{stored.file}-10.jpg").getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "P", "1", "CMYK"])
def test_every_way_of_keeping_colour_is_read(tmp_path: Path, mode: str) -> None:
    kind = "JPEG" if mode == "CMYK" else "PNG"

    assert receive(encoded(kind, (50, 40), mode), tmp_path).height == 40


@pytest.mark.trust("UP-1")
@pytest.mark.parametrize(
    ("body", "code", "facts"),
    [
        (b"", "picture.kind", {"kind": "other"}),
        (b"GIF89a" + b"\x00" * 50, "picture.kind", {"kind": "other"}),
        (b"%PDF-1.7", "picture.kind", {"kind": "other"}),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "picture.kind", {"kind": "svg"}),
        (b"\xef\xbb\xbf <SVG>", "picture.kind", {"kind": "svg"}),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "picture.unreadable", {}),
        (encoded("PNG").getvalue()[:2_000], "picture.unreadable", {}),
        (b"\xff\xd8\xff" + b"canary" * 50, "picture.unreadable", {}),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 5 * 1024 * 1024, "picture.too_large", {"max_bytes": 5 * 1024 * 1024}),
    ],
)
def test_what_is_no_picture_is_refused_and_leaves_nothing(tmp_path: Path, body: bytes, code: str, facts: dict[str, object]) -> None:
    with pytest.raises(Refused) as refusal:
        receive(io.BytesIO(body), tmp_path)

    assert (refusal.value.code, refusal.value.facts) == (code, facts)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.trust("UP-1")
def test_a_bomb_is_refused_quickly_and_in_little_memory(tmp_path: Path) -> None:
    upload = bomb(13_000)
    assert len(upload.getvalue()) < 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.perf_counter()

    with pytest.raises(Refused) as refusal:
        receive(upload, tmp_path)

    assert time.perf_counter() - started < 2
    assert (refusal.value.code, refusal.value.facts) == ("picture.too_many_pixels", {"max_pixels": 25_000_000})
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000
    assert list(tmp_path.iterdir()) == []


@pytest.mark.trust("UP-1")
def test_the_decoder_of_a_bomb_stays_small_itself(tmp_path: Path) -> None:
    peak = decoder_peak_kb(bomb(9_000).getvalue(), tmp_path, max_pixels=25_000_000)

    assert peak < 200_000


def test_without_the_pixel_limit_the_same_bomb_would_take_its_memory(tmp_path: Path) -> None:
    """The twin of the limit: the measure above notices a decoder without it."""
    peak = decoder_peak_kb(bomb(9_000).getvalue(), tmp_path, max_pixels=10**9)

    assert peak > 200_000


def decoder_peak_kb(body: bytes, folder: Path, *, max_pixels: int) -> int:
    measure = (
        "import resource, subprocess, sys\n"
        "subprocess.run(sys.argv[1:], input=sys.stdin.buffer.read(), capture_output=True)\n"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)\n"
    )
    decoder = [sys.executable, "-I", str(pictures._DECODER), str(folder), str(max_pixels), str(2 * 1024**3), "30", "320,640,1280"]
    result = subprocess.run([sys.executable, "-c", measure, *decoder], input=body, capture_output=True, check=True)
    return int(result.stdout)


@pytest.mark.trust("UP-1")
def test_a_decoder_out_of_memory_is_an_unreadable_picture(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        receive(bomb(4_990), tmp_path, Limits(memory_bytes=48 * 1024 * 1024))

    assert refusal.value.code == "picture.unreadable"
    assert receive(bomb(4_990), tmp_path).width == 1280


def test_a_decoder_out_of_time_is_an_unreadable_picture(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refusal:
        receive(encoded("PNG"), tmp_path, Limits(seconds=0))

    assert refusal.value.code == "picture.unreadable"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.trust("P-5")
def test_no_picture_is_received_inside_a_writing_transaction(tmp_path: Path) -> None:
    database = db.Database(f"sqlite:///{tmp_path / 'small.db'}")

    with database.writing(), pytest.raises(RuntimeError, match="pictures"):
        receive(encoded("PNG"), tmp_path / "media")
    with database.writing(), pytest.raises(RuntimeError, match="pictures"):
        remove(tmp_path / "media", "abc")

    assert not (tmp_path / "media").exists()
    assert receive(encoded("PNG"), tmp_path / "media")
    database.close()


def test_removing_takes_every_file_of_one_picture(tmp_path: Path) -> None:
    first, second = receive(encoded("PNG"), tmp_path), receive(encoded("PNG", (10, 10)), tmp_path)

    remove(tmp_path, first.file)
    remove(tmp_path, first.file)

    assert {file.name for file in tmp_path.iterdir()} == {f"{second.file}-10.webp", f"{second.file}-10.jpg"}


def test_a_picture_is_a_value_of_its_row() -> None:
    class Scratch(db.DeclarativeBase):
        pass

    class Poster(Scratch):
        __tablename__ = "poster"
        id: Mapped[int] = mapped_column(primary_key=True)
        cover: Mapped[Picture | None] = pictures.columns("cover")

    engine = create_engine("sqlite://")
    Scratch.metadata.create_all(engine)
    cover = Picture("abc", "Nora", {"fr": "La salle"}, {"fr": "Une salle pleine"}, 1280, 720)

    with Session(engine) as session:
        session.add_all([Poster(id=1, cover=cover), Poster(id=2, cover=None)])
        session.commit()
        session.expire_all()
        assert [poster.cover for poster in session.scalars(select(Poster).order_by(Poster.id))] == [cover, None]
    engine.dispose()
