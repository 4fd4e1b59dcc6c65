"""A grayscale image as cells of a terminal: two pixels a cell, one above the other.

Written here and not taken from a library: rich-pixels, which is the known one, takes the nearest
pixel where it shrinks, so that fine lines of a radiograph come and go, asks Pillow for each pixel
and Rich for each style by its name, and has nothing for terminals without block characters.
"""

from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

Pixels = NDArray[np.uint8]  # (height, width)

UPPER_HALF: Final = "▀"
_BY_BRIGHTNESS: Final = " .:-=+*#%@"
_WHITE: Final = 255
# No eye tells more apart on cells, and each pair of them is a style that is kept.
_LEVELS: Final = 64
_LEVEL_OF: Final = np.rint(np.arange(_WHITE + 1) * ((_LEVELS - 1) / _WHITE)).astype(np.intp)
_TAILS: Final = (0.5, 99.5)  # percentiles that a stretch makes black and white


def stretched(pixels: Pixels) -> Pixels:
    """The image with all but its darkest and brightest pixels spread over the whole range.

    An image that is all of one gray stays as it is.
    """
    low, high = np.percentile(pixels, _TAILS)
    if high <= low:
        return pixels
    grays = (np.arange(_WHITE + 1) - low) * (_WHITE / (high - low))
    shown: Pixels = np.rint(grays.clip(0, _WHITE)).astype(np.uint8)[pixels]
    return shown


def fitted_size(pixels: Pixels, rows: int, columns: int) -> tuple[int, int]:
    """Rows and columns of cells that show an image in its shape, as large as fits.

    A cell is twice as high as it is wide.
    """
    height, width = pixels.shape
    scale = min(columns / width, 2 * rows / height)
    return (
        min(max(1, round(height * scale / 2)), rows),
        min(max(1, round(width * scale)), columns),
    )


def draw(pixels: Pixels, rows: int, columns: int, *, ascii_only: bool = False) -> list[Strip]:
    """A strip for each of `rows`, of `columns` cells: half blocks, or characters by brightness."""
    if ascii_only:
        return [_characters(line) for line in resized(pixels, rows, columns)]
    halves = _LEVEL_OF[resized(pixels, 2 * rows, columns)]
    return [_half_blocks(*pair) for pair in zip(halves[::2], halves[1::2], strict=True)]


def resized(pixels: Pixels, height: int, width: int) -> Pixels:
    """The image with so many pixels: averages of areas, or cubic where it grows."""
    from PIL import Image

    grows = height > pixels.shape[0] or width > pixels.shape[1]
    how = Image.Resampling.BICUBIC if grows else Image.Resampling.BOX
    return np.asarray(Image.fromarray(pixels).resize((width, height), how), dtype=np.uint8)


def _half_blocks(upper: NDArray[np.intp], lower: NDArray[np.intp]) -> Strip:
    """One row of cells from the levels (W,) of their halves; neighbours alike share a segment."""
    pairs = upper * _LEVELS + lower
    cuts = [0, *(np.flatnonzero(np.diff(pairs)) + 1).tolist(), pairs.size]
    found = zip(pairs[cuts[:-1]].tolist(), pairwise(cuts), strict=True)
    segments = [Segment(UPPER_HALF * (end - start), _style(pair)) for pair, (start, end) in found]
    return Strip(segments, pairs.size)


def _characters(line: Pixels) -> Strip:
    places = line.astype(np.intp) * len(_BY_BRIGHTNESS) // (_WHITE + 1)
    text = "".join(_BY_BRIGHTNESS[place] for place in places.tolist())
    return Strip([Segment(text, _WHITE_ON_BLACK)], len(text))


@lru_cache(maxsize=_LEVELS * _LEVELS)
def _style(pair: int) -> Style:
    return Style.from_color(*(_gray(level) for level in divmod(pair, _LEVELS)))


def _gray(level: int) -> Color:
    value = round(level * _WHITE / (_LEVELS - 1))
    return Color.from_rgb(value, value, value)


_WHITE_ON_BLACK: Final = Style(color="white", bgcolor="black")
