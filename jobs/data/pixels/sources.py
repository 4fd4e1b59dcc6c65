"""Where the pixels of a pack come from: image files, or a larger pack; read in parallel."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from jobs.data.pixels.decode import Decoded, Resize, UnreadableError, as_square, read_square
from jobs.data.pixels.pack import Pack, open_pack
from jobs.errors import InputError

AHEAD: Final = 4  # images a thread that may wait to be taken

Source = Callable[[int], Decoded]  # an image by its row; raises UnreadableError


def from_files(root: Path, names: NDArray[np.str_], size: int, resize: Resize) -> Source:
    """Image files by their paths below `root`."""

    def read(row: int) -> Decoded:
        return read_square(root / str(names[row]), size, resize)

    return read


def from_pack(master: Path, names: NDArray[np.str_], size: int, resize: Resize) -> Source:
    """The images of a larger pack, shrunk by the same filter.

    Raises InputError where the pack has another policy, is not larger, or lacks an image, and
    what `open_pack` raises.
    """
    pack = open_pack(master)
    _refuse_unfit(pack, size, resize)
    rows = pack.places(names)

    def read(row: int) -> Decoded:
        at = rows[row]
        if pack.is_lacking[at]:
            raise UnreadableError(Path(str(names[row])), "unreadable", f"nor at {pack.size} px")
        square = as_square(Image.fromarray(pack.pixels[at]), size, "stretch")
        return Decoded(square, int(pack.width[at]), int(pack.height[at]), "L")

    return read


def in_order(
    source: Source, rows: Iterable[int], threads: int
) -> Generator[tuple[int, Decoded | UnreadableError], None, None]:
    """Each row with its image, in the order of `rows`, some images ahead of what is taken."""
    pool = ThreadPoolExecutor(threads, thread_name_prefix="decode")
    waiting: deque[tuple[int, Future[Decoded]]] = deque()
    try:
        for row in rows:
            waiting.append((row, pool.submit(source, row)))
            if len(waiting) > AHEAD * threads:
                yield _taken(*waiting.popleft())
        while waiting:
            yield _taken(*waiting.popleft())
    finally:
        pool.shutdown(cancel_futures=True)


def _taken(row: int, future: Future[Decoded]) -> tuple[int, Decoded | UnreadableError]:
    try:
        return row, future.result()
    except UnreadableError as error:
        return row, error


def _refuse_unfit(pack: Pack, size: int, resize: Resize) -> None:
    if pack.manifest.pixels.resize != resize:
        raise InputError(
            f"{pack.folder}: resized by {pack.manifest.pixels.resize!r}, wanted is {resize!r}"
        )
    if pack.size <= size:
        raise InputError(
            f"{pack.folder}: images of {pack.size} px are no master for those of {size} px"
        )
