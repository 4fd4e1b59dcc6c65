"""Draws a share of the phantom's images; run as a child process of the phantom's writer.

`python -m jobs.data.phantom.draw FOLDER SETTINGS SHARE SHARES` writes every image whose number
leaves SHARE when divided by SHARES, and a line on stdout for each batch of them.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from jobs.data.labels import LABELS
from jobs.data.phantom.rows import SPLITS
from jobs.data.phantom.signs import SIGNS
from jobs.data.phantom.thorax import Thorax
from jobs.recipe.schema import PhantomSettings

BATCH: Final = 32
QUALITY: Final = 95
NOISE: Final = 0.03
CLEAR_SHARE: Final = 0.5  # of the images of a study that show a sign well
CLEAR: Final = (0.8, 1.2)
FAINT: Final = (0.0, 0.45)
LATERAL_VISIBILITY: Final = 0.6


@dataclass(frozen=True, eq=False)
class Scenes:
    """What the pictures of one split show."""

    path: NDArray[np.str_]  # (N,) relative to the phantom's folder
    lateral: NDArray[np.bool_]  # (N,)
    shown: NDArray[np.bool_]  # (N, C) which signs, in the order of LABELS


def write_scenes(folder: Path, split: str, scenes: Scenes) -> None:
    """Leave them in `folder` for the children that draw."""
    file = _scenes_file(folder, split)
    np.savez(file, path=scenes.path.astype("S"), lateral=scenes.lateral, shown=scenes.shown)


def read_scenes(folder: Path, split: str) -> Scenes:
    """What `write_scenes` has left there."""
    with np.load(_scenes_file(folder, split)) as arrays:
        return Scenes(arrays["path"].astype(np.str_), arrays["lateral"], arrays["shown"])


def drop_scenes(folder: Path) -> None:
    """Remove them when all is drawn."""
    for split in SPLITS:
        _scenes_file(folder, split).unlink()


def _scenes_file(folder: Path, split: str) -> Path:
    return folder / f".{split}.npz"


def draw_image(
    settings: PhantomSettings, split: str, row: int, lateral: bool, shown: NDArray[np.bool_]
) -> NDArray[np.uint8]:
    """The picture (size, size) of a row with the signs of `shown` (C,).

    A function of what is given here alone; another size shows the same chest.
    """
    rng = np.random.default_rng([settings.seed, SPLITS.index(split), row])
    chest = Thorax(settings.size, lateral, rng)
    for column in np.flatnonzero(shown):
        sign = SIGNS[LABELS[column]]
        if lateral and sign.frontal_only:
            continue
        clear = rng.random() < CLEAR_SHARE
        visibility = chest.between(*CLEAR) if clear else chest.between(*FAINT)
        sign.draw(chest, sign.contrast * visibility * (LATERAL_VISIBILITY if lateral else 1.0))
    return chest.finish(NOISE)


def draw_share(folder: Path, settings: PhantomSettings, share: int, shares: int) -> Iterator[int]:
    """Write this share's images under `folder`; yields how many more are done, now and then."""
    done = 0
    for split in SPLITS:
        scenes = read_scenes(folder, split)
        for row in range(share, len(scenes.path), shares):
            path = folder / str(scenes.path[row])
            path.parent.mkdir(parents=True, exist_ok=True)
            lateral, shown = bool(scenes.lateral[row]), scenes.shown[row]
            picture = Image.fromarray(draw_image(settings, split, row, lateral, shown))
            picture.save(path, quality=QUALITY)
            done += 1
            if done == BATCH:
                yield done
                done = 0
    yield done


def main(arguments: list[str]) -> int:
    """Draw one share; 0 when done, 1 with a line on stderr when the disk refused."""
    folder, text, share, shares = arguments
    settings = PhantomSettings.model_validate_json(text)
    try:
        for done in draw_share(Path(folder), settings, int(share), int(shares)):
            sys.stdout.write(f"{done}\n")  # one write: the children share a pipe
            sys.stdout.flush()
    except OSError as error:
        print(f"{error.filename or folder}: {error.strerror or error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
