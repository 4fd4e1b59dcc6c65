"""A pack: the images of a data set at one size, decoded once.

Its folder holds `pixels.npy`, (M, size, size) uint8; `index.parquet`, the path and the size of the
source of each image; and `pack.json`, written last, with a SHA-256 for each chunk of images.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.data.pixels.chunks import ChunkFile
from jobs.durable import content_hash
from jobs.errors import DamagedError, InputError
from jobs.recipe.schema import PixelSettings

MANIFEST: Final = "pack.json"
INDEX: Final = "index.parquet"
UNREADABLE: Final = "unreadable.txt"
VERSION: Final = 1
REMEDY: Final = (
    f"delete {MANIFEST} beside it and run `cxrtui data pack`: only what is damaged is decoded again"
)


class Manifest(BaseModel):
    """What `pack.json` says; it makes the pack exist."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1] = VERSION
    size: int  # pixels a side
    pixels: PixelSettings
    count: int  # images
    chunk: int  # images a chunk; the last one may have fewer
    checksums: tuple[str, ...]  # SHA-256 of the pixels of each chunk
    index: str  # SHA-256 of the index
    fingerprint: str = ""  # digest of all the rest

    def digest(self) -> str:
        """Hex SHA-256 of all but `fingerprint`: the identity of the whole pack."""
        return content_hash(self.model_dump(mode="json", exclude={"fingerprint"}))

    def file(self, folder: Path) -> ChunkFile:
        """Its pixels in the pack's folder."""
        return ChunkFile(folder, self.count, self.size, self.chunk)


@dataclass(frozen=True, eq=False)
class Pack:
    """M images as squares of grayscale pixels."""

    folder: Path
    size: int
    path: NDArray[np.str_]  # (M,) sorted, relative to the data folder
    pixels: NDArray[np.uint8]  # (M, size, size), memory-mapped
    width: NDArray[np.int32]  # (M,) of the file that it was decoded from
    height: NDArray[np.int32]
    manifest: Manifest

    @property
    def is_lacking(self) -> NDArray[np.bool_]:
        """Which images (M,) could not be read; their pixels are black."""
        lacking: NDArray[np.bool_] = self.width == 0
        return lacking

    def rows(self, path: NDArray[np.str_]) -> NDArray[np.intp]:
        """Where these images are in the pack, (N,).

        Raises InputError naming one that is not there, or that could not be read.
        """
        found = self.places(path)
        lacking = np.flatnonzero(self.is_lacking[found])
        if len(lacking):
            raise InputError(
                f"{path[lacking[0]]}: cannot be read, as {len(lacking):,} of {len(path):,} images; "
                f"{self.folder / UNREADABLE} says why: restore them and `cxrtui queue retry "
                f"{self.size}px`, or name them in the file that the recipe's [data] exclude says"
            )
        return found

    def places(self, path: NDArray[np.str_]) -> NDArray[np.intp]:
        """Where these images are in the pack (N,), readable or not; InputError if one is not."""
        found = np.minimum(np.searchsorted(self.path, path), len(self.path) - 1)
        absent = np.flatnonzero(self.path[found] != path)
        if len(absent):
            raise InputError(
                f"{self.folder}: the pack lacks {len(absent):,} of {len(path):,} images, "
                f"{path[absent[0]]} among them; pack anew: `cxrtui data pack`"
            )
        return found


def open_pack(folder: Path) -> Pack:
    """Open a pack that `build_pack` has finished; its pixels are not read, `verify_pack` does.

    Raises InputError if it is not there, DamagedError if it is not what was written.
    """
    # Arrow takes a while to import, and what only asks whether a pack is there needs none.
    from jobs.parquet import as_text, read_table

    manifest = read_manifest(folder)
    file = manifest.file(folder)
    pixels = file.map()
    if pixels is None:
        raise DamagedError(f"{file.path}: missing or not as it was written; {REMEDY}")
    index, _ = read_table(folder / INDEX, manifest.index, REMEDY)
    width, height = (index[name].to_numpy() for name in ("width", "height"))
    return Pack(folder, manifest.size, as_text(index["path"]), pixels, width, height, manifest)


def verify_pack(
    folder: Path, progress: Callable[[int, int], None] | None = None, threads: int | None = None
) -> Pack:
    """Open a pack and read all of it against its checksums; `progress` counts images.

    Raises what `open_pack` does; the DamagedError names the first chunk that is damaged.
    """
    pack = open_pack(folder)
    file = pack.manifest.file(folder)
    cores = threads or len(os.sched_getaffinity(0))
    for number, found in file.digests(range(file.chunks), cores):
        rows = file.rows(number)
        if found != pack.manifest.checksums[number]:
            raise DamagedError(
                f"{file.path}: chunk {number} (images {rows.start} to {rows.stop - 1}) is not as "
                f"it was written; {REMEDY}"
            )
        if progress is not None:
            progress(rows.stop, file.count)
    return pack


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a finished pack. Raises InputError, DamagedError as `open_pack` does."""
    path = folder / MANIFEST
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(f"{folder}: no pack is here; pack it first: `cxrtui data pack`") from None
    except (OSError, ValidationError) as error:
        raise DamagedError(f"{path}: is no manifest of a pack; {REMEDY}") from error
    if manifest.fingerprint != manifest.digest():
        raise DamagedError(f"{path}: is not as it was written; {REMEDY}")
    return manifest
