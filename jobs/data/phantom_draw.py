"""Draws a share of the phantom's images; run as a child process of the phantom's writer.

`python -m jobs.data.phantom_draw FOLDER SETTINGS SHARE SHARES` writes every image whose number
leaves SHARE when divided by SHARES, and a line on stdout for each batch of them.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from jobs.data.phantom_rows import SPLITS, PhantomRows, draw_rows
from jobs.data.phantom_signs import SIGNS
from jobs.data.phantom_thorax import Thorax
from jobs.recipe.schema import PhantomSettings

BATCH: Final = 32
QUALITY: Final = 95
NOISE: Final = 0.03
CLEAR_SHARE: Final = 0.5  # of the images of a study that show a sign well
CLEAR: Final = (0.8, 1.2)
FAINT: Final = (0.0, 0.45)
LATERAL_VISIBILITY: Final = 0.6


def draw_image(rows: PhantomRows, row: int, settings: PhantomSettings) -> NDArray[np.uint8]:
    """The picture (size, size) of `row`, a function of the settings and the row alone."""
    rng = np.random.default_rng([settings.seed, SPLITS.index(rows.table.split), row])
    lateral = bool(rows.lateral[row])
    chest = Thorax(settings.size, lateral, rng)
    for column in np.flatnonzero(rows.shown[row]):
        sign = SIGNS[rows.table.labels[column]]
        clear = rng.random() < CLEAR_SHARE
        visibility = chest.between(*CLEAR) if clear else chest.between(*FAINT)
        sign.draw(chest, sign.contrast * visibility * (LATERAL_VISIBILITY if lateral else 1.0))
    return chest.finish(NOISE)


def draw_share(folder: Path, settings: PhantomSettings, share: int, shares: int) -> Iterator[int]:
    """Write this share's images under `folder`; yields how many more are done, now and then."""
    done = 0
    for split in SPLITS:
        rows = draw_rows(settings, split)
        for row in range(share, len(rows.table), shares):
            path = folder / str(rows.table.path[row])
            path.parent.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(draw_image(rows, row, settings))
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
