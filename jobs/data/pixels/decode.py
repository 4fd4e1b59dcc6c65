"""One image file as grayscale pixels: of its own size, or as a square of a given size."""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from jobs.errors import InputError

Resize = Literal["stretch", "pad", "crop"]
Trouble = Literal["missing", "empty", "truncated", "unreadable"]

FILTER: Final = Image.Resampling.LANCZOS  # widened where it shrinks, so that nothing aliases
FINER: Final = 1.6  # a JPEG is decoded at 1/2, 1/4 or 1/8 if that leaves this many times the size
GAP: Final = 2.0  # likewise for averaging whole blocks of pixels before the filter

_FORMATS: Final = ("JPEG", "PNG")  # no other: some of Pillow's readers start programs
_DEEP: Final = frozenset({"I", "I;16", "I;16L", "I;16B", "I;16N", "F"})
_BEGINNINGS: Final = (b"\xff\xd8", b"\x89PNG")
# What Pillow raises for files that are damaged, one way or another.
_DAMAGE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    IndexError,
    EOFError,
    OverflowError,
    struct.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


class UnreadableError(InputError):
    """An image that cannot be used; `trouble` says which way, the text names the file."""

    def __init__(self, path: Path, trouble: Trouble, detail: str = "") -> None:
        self.reason = f"{trouble}: {detail}" if detail else trouble
        super().__init__(f"{path}: {self.reason}")
        self.path = path
        self.trouble = trouble


@dataclass(frozen=True, eq=False)
class Decoded:
    """An image as a square, and what its file has."""

    pixels: NDArray[np.uint8]  # (size, size)
    width: int
    height: int
    mode: str  # of the file, as Pillow names it: "L", "RGB", "I;16", ...


def read_gray(path: Path) -> NDArray[np.uint8]:
    """A JPEG or PNG file as (height, width) uint8, upright by its EXIF orientation.

    Colours become luminance. More than 8 bits are scaled by the image's own range, its least
    value becoming 0 and its greatest 255, so that nothing is clipped. Raises UnreadableError.
    """
    return np.asarray(_load(path, None)[0], dtype=np.uint8)


def read_square(path: Path, size: int, resize: Resize) -> Decoded:
    """A file as (size, size) uint8: like `read_gray`, then `as_square`. Raises UnreadableError."""
    gray, width, height, mode = _load(path, (size, resize))
    return Decoded(as_square(gray, size, resize), width, height, mode)


def read_within(path: Path, longest: int) -> NDArray[np.uint8]:
    """A file as (height, width) uint8: like `read_gray`, neither side longer than `longest`.

    A smaller image stays as it is. Raises UnreadableError.
    """
    gray, width, height, _ = _load(path, (longest, "pad"))
    if max(width, height) > longest:
        gray = gray.resize(_sides(width, height, longest, "pad"), FILTER, reducing_gap=GAP)
    return np.asarray(gray, dtype=np.uint8)


def as_square(gray: Image.Image, size: int, resize: Resize) -> NDArray[np.uint8]:
    """An image of mode L as (size, size): stretched, padded with black, or cropped at the centre.

    Lanczos with its support widened by the scale, after averaging whole blocks of pixels where
    the image is much finer than asked.
    """
    if resize == "crop":
        side = min(gray.size)
        left, top = ((length - side) / 2 for length in gray.size)
        box = (left, top, left + side, top + side)
        square = gray.resize((size, size), FILTER, box=box, reducing_gap=GAP)
    elif resize == "pad":
        fitted = gray.resize(_sides(*gray.size, size, resize), FILTER, reducing_gap=GAP)
        square = Image.new("L", (size, size), 0)
        square.paste(fitted, ((size - fitted.width) // 2, (size - fitted.height) // 2))
    else:
        square = gray.resize((size, size), FILTER, reducing_gap=GAP)
    return np.asarray(square, dtype=np.uint8)


def _load(path: Path, wanted: tuple[int, Resize] | None) -> tuple[Image.Image, int, int, str]:
    try:
        with Image.open(path, formats=_FORMATS) as image:
            (width, height), mode = image.size, image.mode
            if wanted is not None:
                sides = _sides(width, height, *wanted)
                image.draft("L", (int(FINER * sides[0]), int(FINER * sides[1])))
            image.load()
            upright = ImageOps.exif_transpose(image)
            if upright.size != image.size and width != height:
                width, height = height, width
            return _gray(upright), width, height, mode
    except _DAMAGE as error:
        raise _trouble(path, error) from error


def _sides(width: int, height: int, size: int, resize: Resize) -> tuple[int, int]:
    """What the whole image is resized to, width and height, before it is padded or cropped."""
    if resize == "stretch":
        return size, size
    scale = size / (max(width, height) if resize == "pad" else min(width, height))
    return max(1, round(width * scale)), max(1, round(height * scale))


def _gray(image: Image.Image) -> Image.Image:
    if image.mode == "L":
        return image
    if image.mode in _DEEP:
        values = np.asarray(image, dtype=np.float32)
        low, high = float(values.min()), float(values.max())
        scaled = (values - low) * (255 / (high - low) if high > low else 0)
        return Image.fromarray(np.rint(scaled).astype(np.uint8))
    if "transparency" in image.info:
        image = image.convert("RGBA")
    return image.convert("L")


def _trouble(path: Path, error: Exception) -> UnreadableError:
    text = getattr(error, "strerror", None) or " ".join(str(error).split())
    if isinstance(error, (FileNotFoundError, NotADirectoryError)):
        return UnreadableError(path, "missing")
    if isinstance(error, OSError) and error.errno is None and path.stat().st_size == 0:
        return UnreadableError(path, "empty")
    if "truncated" in text.lower() or "broken data stream" in text:
        return UnreadableError(path, "truncated", text)
    if isinstance(error, UnidentifiedImageError):
        if path.read_bytes()[:4].startswith(_BEGINNINGS):
            return UnreadableError(path, "truncated", "ends within its header")
        text = "neither JPEG nor PNG"
    return UnreadableError(path, "unreadable", text)
