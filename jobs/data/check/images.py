"""Faults of image files: told from their directory entry alone, or by opening them."""

import os
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final

from jobs.data.check.parallel import Progress, in_threads
from jobs.data.check.rows import Rows
from jobs.data.faults import Effect, Fault
from jobs.data.pixels.decode import UnreadableError, read_square

MISSING: Final = "no such image file"
NO_FILE: Final = "the image is no file"
EMPTY: Final = "the image file is empty (0 bytes)"
UNREADABLE: Final = "the image file is unreadable"
TRUNCATED: Final = "the image file is truncated"
COLOURED: Final = "the image is not grayscale"
TINY: Final = "the image is tiny"

# On a network file system an answer takes a millisecond, of which many are awaited at once.
_STAT_THREADS: Final = 32
_STAT_CHUNK: Final = 1024
_OPEN_CHUNK: Final = 4
_PROBE: Final = 32  # pixels a side: a JPEG is read to its end, and computed at 1/8 of its size
_GRAY: Final = frozenset({"1", "L", "F", "I", "I;16", "I;16B", "I;16L", "I;16N"})
_TROUBLES: Final = {"missing": MISSING, "empty": EMPTY, "truncated": TRUNCATED}


def absent_images(
    root: Path, rows: Rows, progress: Progress | None = None
) -> tuple[list[int], list[Fault]]:
    """Rows whose image file has something in it, and the faults of the others; opens none.

    Paths of tables are relative to `root`.
    """
    files = [f"{root}/{path}" for path in rows.texts("path")]
    there, faults = [], []
    found = in_threads(_absence, files, threads=_STAT_THREADS, chunk=_STAT_CHUNK, progress=progress)
    for row, problem in enumerate(found):
        if problem is None:
            there.append(row)
        else:
            faults.append(rows.fault(row, "path", problem, "stops"))
    return there, faults


def _absence(file: str) -> str | None:
    """What is wrong with a file as its directory has it."""
    try:
        entry = os.stat(file)  # noqa: PTH116 (a Path for each of 377,110 costs a second)
    except (FileNotFoundError, NotADirectoryError):
        return MISSING
    except OSError as error:
        return f"{UNREADABLE}: {error.strerror}"
    if not stat.S_ISREG(entry.st_mode):
        return NO_FILE
    return EMPTY if entry.st_size == 0 else None


def opened_images(
    root: Path, rows: Rows, there: list[int], min_size: int, progress: Progress | None = None
) -> Iterator[Fault]:
    """Open the images of the rows `there` as the packer does; tell what is wrong with them.

    An image is tiny if its shorter side has less than `min_size` pixels. Colours are converted.
    """
    paths = rows.texts("path")
    files = [root / paths[row] for row in there]
    threads = len(os.sched_getaffinity(0))
    look = partial(_look, min_size=min_size)
    found = in_threads(look, files, threads=threads, chunk=_OPEN_CHUNK, progress=progress)
    for row, told in zip(there, found, strict=True):
        for problem, effect in told:
            yield rows.fault(row, "path", problem, effect)


def _look(file: Path, min_size: int) -> list[tuple[str, Effect]]:
    try:
        decoded = read_square(file, _PROBE, "stretch")
    except UnreadableError as error:
        return [(_TROUBLES.get(error.trouble) or f"the image file is {error.reason}", "stops")]
    told: list[tuple[str, Effect]] = []
    if decoded.mode not in _GRAY:
        told.append((f"{COLOURED}: {decoded.mode}, converted", "none"))
    if min(decoded.width, decoded.height) < min_size:
        size = f"{decoded.width} x {decoded.height} px"
        told.append((f"{TINY}: {size}, less than {min_size} on a side", "changes results"))
    return told
