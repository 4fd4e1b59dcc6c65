"""Make a pack: decode every image once, in parallel, going on where a killed process stopped."""

import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from jobs.data.pixels.chunks import ChunkFile, chunk_images
from jobs.data.pixels.decode import UnreadableError
from jobs.data.pixels.pack import (
    INDEX,
    MANIFEST,
    UNREADABLE,
    VERSION,
    Manifest,
    Pack,
    open_pack,
)
from jobs.data.pixels.record import ChunkRecord, Record
from jobs.data.pixels.sources import Source, from_files, from_pack, in_order
from jobs.durable import write_atomic, write_json
from jobs.errors import DamagedError, InputError
from jobs.failpoints import failpoint
from jobs.parquet import text_column, write_table
from jobs.recipe.schema import PixelSettings

TOO_MANY: Final = 0.5  # share of images that cannot be read: the data folder must be a wrong one
LOCK: Final = "lock"
DECODING: Final = 1  # raised by hand when the same file gives other pixels
WAIT_SECONDS: Final = 0.1

Progress = Callable[[int, int], None]


def build_pack(
    folder: Path,
    root: Path,
    paths: NDArray[np.str_],
    size: int,
    settings: PixelSettings,
    master: Path | None = None,
    progress: Progress = lambda done, total: None,
    check: Callable[[], None] = lambda: None,
    threads: int | None = None,
    chunk: int | None = None,
) -> Pack:
    """Make `folder` the pack of all different `paths` (below `root`), or mend it; the pack.

    Its bytes do not depend on `threads` (a core each if None). Chunks (of `chunk` images, by
    default some MiB) that are on the disk already are kept if they have their checksum. With
    `master`, the folder of a larger pack, the pixels come from that. `progress(done, total)`
    counts images, first those that were there; `check` is called at each, and what it raises ends
    the work with all whole chunks kept. A second process waits, then finds the pack made.

    Images that cannot be read are black; `unreadable.txt` in the folder lists them, the pack
    refuses to give them, and the next run decodes only them. Raises NoRoomError before anything is
    written, and InputError at the end if more than half of the images cannot be read.
    """
    names = np.unique(paths)
    if not len(names):
        raise InputError(f"{folder}: there are no images to pack")
    if master is None:
        source = from_files(root, names, size, settings.resize)
    else:
        source = from_pack(master, names, size, settings.resize)
    threads = threads or len(os.sched_getaffinity(0))
    folder.mkdir(parents=True, exist_ok=True)
    with _locked(folder / LOCK, check):
        file = ChunkFile(folder, len(names), size, chunk or chunk_images(size))
        Packing(file, names, settings, threads, progress, check).run(source)
    return open_pack(folder)


@dataclass
class Packing:
    """One process's work on a pack; it holds the lock."""

    file: ChunkFile
    names: NDArray[np.str_]  # (M,) sorted
    settings: PixelSettings
    threads: int
    progress: Progress
    check: Callable[[], None]

    def __post_init__(self) -> None:
        self.folder = self.file.folder
        self.record = Record(self.folder, self.work())
        self.reasons: dict[int, UnreadableError] = {}  # by row

    def work(self) -> dict[str, Any]:
        """What the pack is of: chunks of anything else are of no use."""
        return {
            "version": VERSION,
            "decoding": DECODING,
            "size": self.file.size,
            "pixels": self.settings.model_dump(),
            "chunk": self.file.chunk,
            "paths": hashlib.sha256("\n".join(self.names.tolist()).encode()).hexdigest(),
        }

    def run(self, source: Source) -> None:
        """Decode what is missing or damaged, then publish; write nothing where nothing is."""
        self.forget_damaged()
        missing = self.missing()
        self.progress(len(self.names) - sum(map(len, missing.values())), len(self.names))
        if missing:
            self.file.refuse_full_disk()
            (self.folder / MANIFEST).unlink(missing_ok=True)
            self.record.begin()
            self.file.create()
            self.decode(source, missing)
        self.list_unreadable()
        if missing or not self.is_published():
            self.publish()

    def forget_damaged(self) -> None:
        """Keep in the record only the chunks whose pixels still have their checksum."""
        known = self.record.chunks
        kept = {}
        for number, found in self.file.digests(sorted(known), self.threads):
            self.check()
            whole = len(known[number].sizes) == len(self.file.rows(number))
            if whole and found == known[number].sha256:
                kept[number] = known[number]
        self.record.chunks = kept

    def missing(self) -> dict[int, list[int]]:
        """By chunk, the rows that must be decoded."""
        wanted = {}
        for number in range(self.file.chunks):
            chunk = self.record.chunks.get(number)
            rows = self.file.rows(number)
            absent = rows if chunk is None else (rows[at] for at in chunk.unreadable)
            wanted[number] = list(absent)
        return {number: rows for number, rows in wanted.items() if rows}

    def decode(self, source: Source, missing: dict[int, list[int]]) -> None:
        """Decode and write chunk by chunk; each is on the disk before it is recorded."""
        total = len(self.names)
        done = total - sum(map(len, missing.values()))
        wanted = (row for rows in missing.values() for row in rows)
        with closing(in_order(source, wanted, self.threads)) as images:
            for number, rows in missing.items():
                first = self.file.rows(number).start
                pixels, sizes = self.begun(number)
                for row, image in islice(images, len(rows)):
                    self.check()
                    if isinstance(image, UnreadableError):
                        self.reasons[row] = image
                    else:
                        pixels[row - first] = image.pixels
                        sizes[row - first] = image.width, image.height
                    done += 1
                    self.progress(done, total)
                self.file.write(number, pixels)
                failpoint("pixels.chunk-written")
                digest = hashlib.sha256(pixels.data).hexdigest()
                self.record.add(number, ChunkRecord(digest, tuple(sizes)))
                failpoint("pixels.chunk-recorded")

    def begun(self, number: int) -> tuple[NDArray[np.uint8], list[tuple[int, int] | None]]:
        """A chunk as it is on the disk, pixels and sizes; black and unknown if it is not there."""
        known = self.record.chunks.get(number)
        if known is None:
            rows = self.file.rows(number)
            return np.zeros((len(rows), *self.file.shape[1:]), dtype=np.uint8), [None] * len(rows)
        return self.file.read(number), list(known.sizes)

    def list_unreadable(self) -> None:
        """Write the list of the images that are lacking; InputError where they are too many."""
        path = self.folder / UNREADABLE
        if not self.reasons:
            path.unlink(missing_ok=True)
            return
        lines = [f"{self.names[row]}\t{said.reason}" for row, said in sorted(self.reasons.items())]
        write_atomic(path, ("\n".join(lines) + "\n").encode())
        if len(lines) > TOO_MANY * len(self.names):
            raise InputError(
                f"{path}: lists {len(lines):,} of {len(self.names):,} images that cannot be read, "
                f"the first is {lines[0].replace(chr(9), ': ')}; is it the right data folder?"
            )

    def is_published(self) -> bool:
        """Whether the pack exists already and is of these chunks."""
        try:
            found = open_pack(self.folder).manifest
        except (InputError, DamagedError):
            return False
        return found == self.manifest(found.index)

    def manifest(self, index: str) -> Manifest:
        """The manifest of the finished chunks; `index` is the SHA-256 of the index."""
        manifest = Manifest(
            size=self.file.size,
            pixels=self.settings,
            count=len(self.names),
            chunk=self.file.chunk,
            checksums=tuple(self.record.chunks[at].sha256 for at in range(self.file.chunks)),
            index=index,
        )
        return manifest.model_copy(update={"fingerprint": manifest.digest()})

    def publish(self) -> None:
        """Write the index, and then the manifest that makes the pack exist."""
        chunks = (self.record.chunks[number] for number in range(self.file.chunks))
        unknown = (0, 0)
        sizes = np.array(
            [size or unknown for chunk in chunks for size in chunk.sizes], dtype=np.int32
        )
        columns = {
            "path": text_column(self.names),
            "width": pa.array(sizes[:, 0]),
            "height": pa.array(sizes[:, 1]),
        }
        index = write_table(self.folder / INDEX, columns, {})
        failpoint("pixels.index-written")
        write_json(self.folder / MANIFEST, self.manifest(index).model_dump(mode="json"))
        failpoint("pixels.published")


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
