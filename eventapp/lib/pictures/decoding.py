"""Decode one untrusted picture, far from everything else: run as a program of its own, never imported.

Gets the file on its standard input; writes `<width>.webp` and `<width>.jpg` into the folder it is given and one line of
JSON to its standard output: the size of the widest file, or the code of a refusal. Anything else that happens is for
the caller a picture that cannot be read. Limits itself first, before the library that decodes is even loaded.
"""

import io
import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any


def main(folder: Path, max_pixels: int, memory_bytes: int, seconds: int, widths: list[int]) -> dict[str, Any]:
    """Judge the header, then decode and encode. Gives the answer to be written."""
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (16 * 1024 * 1024, 16 * 1024 * 1024))
    body = sys.stdin.buffer.read()

    from PIL import Image, ImageOps, UnidentifiedImageError  # noqa: PLC0415 - only once the limits stand

    Image.MAX_IMAGE_PIXELS = max_pixels
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    try:
        picture: Image.Image = Image.open(io.BytesIO(body), formats=("PNG", "JPEG", "WEBP"))
        if picture.width * picture.height > max_pixels:
            return {"refused": "picture.too_many_pixels"}
        # JPEG can be decoded at a fraction of its size: enough for the widest file, and less memory.
        picture.draft("RGB", (2 * widths[-1], 2 * widths[-1]))
        picture.load()
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        return {"refused": "picture.too_many_pixels"}
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, MemoryError):
        return {"refused": "picture.unreadable"}
    return _write(folder, ImageOps.exif_transpose(picture), widths)


def _write(folder: Path, picture: Any, widths: list[int]) -> dict[str, Any]:
    transparent = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    whole = picture.convert("RGBA" if transparent else "RGB")
    whole.info.clear()
    widest = min(whole.width, widths[-1])
    size = (widest, _height(whole, widest))
    for width in [width for width in widths if width < widest] + [widest]:
        smaller = whole.resize((width, _height(whole, width)), reducing_gap=3.0)
        smaller.save(folder / f"{width}.webp", quality=80, method=4)
        _on_white(smaller).save(folder / f"{width}.jpg", quality=82, optimize=True, progressive=True)
    return {"width": size[0], "height": size[1]}


def _height(picture: Any, width: int) -> int:
    return max(1, round(int(picture.height) * width / int(picture.width)))


def _on_white(picture: Any) -> Any:
    if picture.mode == "RGB":
        return picture
    ground = picture.copy()
    ground.paste((255, 255, 255, 255), (0, 0, *picture.size))
    ground.alpha_composite(picture)
    return ground.convert("RGB")


if __name__ == "__main__":
    folder, max_pixels, memory_bytes, seconds, widths = sys.argv[1:]
    answer = main(Path(folder), int(max_pixels), int(memory_bytes), int(seconds), [int(width) for width in widths.split(",")])
    sys.stdout.write(json.dumps(answer))
