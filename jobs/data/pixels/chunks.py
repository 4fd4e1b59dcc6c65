"""`pixels.npy` as chunks of images: mapped to be read, written in place, and their checksums."""

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.durable import fsync_folder
from jobs.errors import NoRoomError

PIXELS: Final = "pixels.npy"
_CHUNK_BYTES: Final = 2**23
_CHUNK_IMAGES: Final = 256


def needed_bytes(count: int, size: int) -> int:
    """Bytes on the disk that a pack of `count` images takes: its pixels, and its index."""
    return count * size * size + 128 * count + 4096


def chunk_images(size: int) -> int:
    """Images a chunk: 8 MiB at most, so that little is lost, but not too many."""
    return max(1, min(_CHUNK_IMAGES, _CHUNK_BYTES // (size * size)))


@dataclass(frozen=True)
class ChunkFile:
    """The array (M, size, size) uint8 of a pack's folder, `chunk` images at a time."""

    folder: Path
    count: int  # M
    size: int  # pixels a side
    chunk: int  # images; the last chunk may have fewer

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / PIXELS

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of the whole array."""
        return self.count, self.size, self.size

    @property
    def chunks(self) -> int:
        """Number of chunks."""
        return -(-self.count // self.chunk)

    def rows(self, number: int) -> range:
        """The rows of a chunk; none where there is no such chunk."""
        return range(self.count)[number * self.chunk : (number + 1) * self.chunk]

    def map(self) -> NDArray[np.uint8] | None:
        """The array, memory-mapped; None if the file is absent or of another shape or length."""
        try:
            pixels = np.load(self.path, mmap_mode="r", allow_pickle=False)
            length = self.path.stat().st_size
        except (FileNotFoundError, ValueError, EOFError):
            return None
        if not isinstance(pixels, np.memmap) or pixels.dtype != np.uint8:
            return None
        is_whole = pixels.shape == self.shape and length == pixels.offset + pixels.nbytes
        return np.asarray(pixels) if is_whole else None

    def digests(self, numbers: Iterable[int], threads: int) -> Iterator[tuple[int, str]]:
        """These chunks' numbers, each with the SHA-256 of its pixels; none without a file."""
        pixels = self.map()
        if pixels is None:
            return

        def digest(number: int) -> tuple[int, str]:
            rows = self.rows(number)
            return number, hashlib.sha256(pixels[rows.start : rows.stop].data).hexdigest()

        pool = ThreadPoolExecutor(threads)
        try:
            yield from pool.map(digest, numbers)
        finally:
            pool.shutdown(cancel_futures=True)

    def refuse_full_disk(self) -> None:
        """NoRoomError if the disk has less room than what is not written yet takes."""
        there = self.path.stat().st_blocks * 512 if self.path.exists() else 0
        needed = needed_bytes(self.count, self.size) - there
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            raise NoRoomError(
                f"{self.folder}: {self.count:,} images of {self.size} px take "
                f"{needed / 1e9:,.1f} GB, the disk has {free / 1e9:,.1f} GB free; free some space"
            )

    def create(self) -> None:
        """Make the file at its full length, unless it is there; its pixels take no room yet."""
        if self.map() is not None:
            return
        with self.path.open("wb") as file:
            header = {"descr": "|u1", "fortran_order": False, "shape": self.shape}
            np.lib.format.write_array_header_1_0(file, header)
            file.truncate(file.tell() + self.count * self.size**2)
        fsync_folder(self.folder)

    def write(self, number: int, pixels: NDArray[np.uint8]) -> None:
        """Write a chunk, on the disk when this returns.

        A write to mapped memory would end the process where the disk is full; this raises OSError.
        """
        behind = self.count - self.rows(number).start
        with self.path.open("r+b") as file:
            file.seek(-behind * self.size**2, os.SEEK_END)
            file.write(pixels.data)
            file.flush()
            os.fsync(file.fileno())

    def read(self, number: int) -> NDArray[np.uint8]:
        """A copy of a chunk."""
        pixels = self.map()
        if pixels is None:
            raise FileNotFoundError(self.path)
        rows = self.rows(number)
        return pixels[rows.start : rows.stop].copy()
