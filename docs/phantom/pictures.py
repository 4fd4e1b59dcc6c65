"""Draws the pictures of `docs/phantom.md`: `python docs/phantom/pictures.py`, in a few seconds.

For each label there are two X-rays of one chest: without its sign, and with it in a yellow ring.
"""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from jobs.data.labels import LABELS
from jobs.data.phantom.draw import NOISE
from jobs.data.phantom.signs import SIGNS
from jobs.data.phantom.thorax import Thorax

FOLDER: Final = Path(__file__).parent
SIZE: Final = 256
CAPTION: Final = 24  # pixels above a picture
COLUMNS: Final = 3  # labels in a row of a sheet
ROWS: Final = 3
GAP: Final = 10
QUALITY: Final = 75
YELLOW: Final = (255, 205, 0)


def main() -> None:
    """Draw all pictures beside this file."""
    views = (("frontal", False), ("lateral", True))
    normal = [captioned(xray(1, lateral)[1], f"No Finding, {view}") for view, lateral in views]
    save([*normal], "normal.jpg", len(normal))
    signs = [label for label in LABELS if label != "No Finding"]
    pairs = [pair(label, seed) for seed, label in enumerate(signs)]
    sheet = COLUMNS * ROWS
    for start in range(0, len(pairs), sheet):
        save(pairs[start : start + sheet], f"signs-{start // sheet + 1}.jpg", COLUMNS)


def pair(label: str, seed: int) -> Image.Image:
    """A frontal X-ray without and with the sign of a label, side by side."""
    before, without = xray(seed, False)
    after, sick = xray(seed, False, label)
    ringed = Image.fromarray(sick).convert("RGB")
    ys, xs = np.nonzero(np.abs(after - before) > 0.03)
    left, top, right, bottom = xs.min() - 9, ys.min() - 9, xs.max() + 9, ys.max() + 9
    ImageDraw.Draw(ringed).rounded_rectangle((left, top, right, bottom), 9, outline=YELLOW)
    both = Image.new("RGB", (2 * SIZE, SIZE))
    both.paste(Image.fromarray(without), (0, 0))
    both.paste(ringed, (SIZE, 0))
    return captioned(np.asarray(both), label)


def xray(
    seed: int, lateral: bool, label: str | None = None
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """(brightness without noise, picture) of a chest that is the same with and without a sign."""
    chest = Thorax(SIZE, lateral, np.random.default_rng(seed))
    if label is not None:
        chest.rng = np.random.default_rng([seed, 1])
        SIGNS[label].draw(chest, SIGNS[label].contrast)
    light = chest.light.copy()
    chest.rng = np.random.default_rng([seed, 2])
    return light, chest.finish(NOISE)


def captioned(picture: NDArray[np.uint8], text: str) -> Image.Image:
    """The picture below a line of text."""
    height, width = picture.shape[:2]
    canvas = Image.new("RGB", (width, height + CAPTION), "white")
    canvas.paste(Image.fromarray(picture), (0, CAPTION))
    ImageDraw.Draw(canvas).text((2, 2), text, "black", ImageFont.load_default(16))
    return canvas


def save(pictures: list[Image.Image], name: str, columns: int) -> None:
    """One file of all pictures, in rows."""
    width, height = pictures[0].width + GAP, pictures[0].height + GAP
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * width - GAP, rows * height - GAP), "white")
    for number, picture in enumerate(pictures):
        sheet.paste(picture, (number % columns * width, number // columns * height))
    sheet.save(FOLDER / name, quality=QUALITY)


if __name__ == "__main__":
    main()
