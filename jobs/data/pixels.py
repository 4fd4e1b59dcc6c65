"""Images decoded once: grayscale squares of uint8, one `.npy` for each table and size."""

import fcntl
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from jobs.data.table import ImageTable
from jobs.durable import fsync_folder
from jobs.errors import InputError
from jobs.failpoints import failpoint

Pixels = np.memmap[tuple[int, ...], np.dtype[np.uint8]]

CHUNK: Final = 64  # images between two looks at the clock and at `check`
PROGRESS_SECONDS: Final = 5.0
WAIT_SECONDS: Final = 0.1


def open_pixels(
    cache: Path,
    root: Path,
    table: ImageTable,
    size: int,
    check: Callable[[], None] = lambda: None,
) -> Pixels:
    """The images of `table`, (N, size, size) uint8, decoded now if no process did before.

    One process builds `cache/pixels/<fingerprint>-<size>.npy`, others wait for it. `check` is
    called often meanwhile; what it raises ends the work and leaves nothing half made.

    Raises InputError naming an image that is missing or cannot be read.
    """
    folder = cache / "pixels"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{table.fingerprint()[:16]}-{size}.npy"
    shape = (len(table), size, size)
    found = _existing(path, shape)
    if found is not None:
        return found
    with _locked(path.with_suffix(".lock"), check):
        found = _existing(path, shape)
        if found is None:
            _build(path, root, table, size, check)
            found = _existing(path, shape)
    if found is None:
        raise OSError(f"{path}: was written and cannot be read back")
    return found


def read_image(path: Path, size: int) -> NDArray[np.uint8]:
    """One image as (size, size) uint8, stretched to the square; InputError if it is unreadable."""
    try:
        with Image.open(path) as image:
            # A JPEG is decoded at 1/2, 1/4 or 1/8 where that still leaves twice the size.
            image.draft("L", (2 * size, 2 * size))
            gray = image.convert("L")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"{path}: cannot be read as an image: {reason}; restore it") from error
    resample = Image.Resampling.LANCZOS
    return np.asarray(gray.resize((size, size), resample, reducing_gap=3.0), dtype=np.uint8)


def _existing(path: Path, shape: tuple[int, ...]) -> Pixels | None:
    try:
        pixels = np.load(path, mmap_mode="r", allow_pickle=False)
    except (FileNotFoundError, ValueError, EOFError):
        return None
    is_right = isinstance(pixels, np.memmap) and pixels.dtype == np.uint8
    return pixels if is_right and pixels.shape == shape else None


def _build(path: Path, root: Path, table: ImageTable, size: int, check: Callable[[], None]) -> None:
    # The lock is ours, so what a killed process left under this name is ours to overwrite.
    temporary = path.with_suffix(".tmp")
    header = {"descr": "|u1", "fortran_order": False, "shape": (len(table), size, size)}
    try:
        with temporary.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            _write_images(file, root, table, size, check)
            file.flush()
            os.fsync(file.fileno())
        failpoint("pixels.before-rename")
        temporary.replace(path)
        fsync_folder(path.parent)
        failpoint("pixels.after-rename")
    finally:
        temporary.unlink(missing_ok=True)


def _write_images(
    file: BinaryIO, root: Path, table: ImageTable, size: int, check: Callable[[], None]
) -> None:
    told = time.monotonic()
    threads = min(8, len(os.sched_getaffinity(0)))
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(table), CHUNK):
            check()
            paths = [root / name for name in table.path[start : start + CHUNK]]
            for image in pool.map(partial(read_image, size=size), paths):
                file.write(image.tobytes())
            if time.monotonic() - told >= PROGRESS_SECONDS:
                told = time.monotonic()
                done = f"{start + len(paths)} of {len(table)} {table.split} images"
                print(f"decoded {done} at {size} px", flush=True)


@contextmanager
def _locked(path: Path, check: Callable[[], None]) -> Iterator[None]:
    with path.open("wb") as file:
        while True:
            check()
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                time.sleep(WAIT_SECONDS)
        yield
