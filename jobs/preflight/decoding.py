"""How fast this machine decodes the images of a data folder, from a few of them."""

import time
from contextlib import closing
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.pixels.decode import Resize, UnreadableError
from jobs.data.pixels.sources import from_files, in_order
from jobs.errors import InputError

SAMPLES: Final = 16


def decode_rate(
    root: Path, names: NDArray[np.str_], size: int, resize: Resize, cores: int
) -> float:
    """Images a second on all `cores`, from up to 16 of `names` (below `root`) far apart.

    They are decoded at once on so many cores as there are images; more cores are taken to be as
    fast. Raises InputError where none of them can be read.
    """
    chosen = names[np.unique(np.linspace(0, len(names) - 1, SAMPLES).round().astype(np.intp))]
    threads = min(cores, len(chosen))
    began = time.monotonic()
    with closing(
        in_order(from_files(root, chosen, size, resize), range(len(chosen)), threads)
    ) as images:
        found = [image for _, image in images]
    seconds = time.monotonic() - began
    refused = [image for image in found if isinstance(image, UnreadableError)]
    if len(refused) == len(found):
        raise InputError(
            f"{refused[0]}: none of {len(found)} images tried can be read: `cxrtui data check`"
        )
    return (len(found) - len(refused)) / seconds * (cores / threads)
