"""The images of a data set for people to look at: from their files, else from packs of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydantic import ValidationError

from db.lists import jobs_with_keys
from db.records import ModelRecord
from jobs.data.pixels.decode import FILTER, UnreadableError, read_within
from jobs.data.pixels.pack import Pack, open_pack
from jobs.errors import DamagedError, InputError
from jobs.spec import read_job
from jobs.workspace import Workspace


@dataclass(frozen=True, eq=False)
class Picture:
    """An image as it is shown."""

    pixels: NDArray[np.uint8]  # (height, width)
    pack: int | None = None  # pixels a side of the pack that it is from; None: from its file


class Pictures:
    """Looks for an image below a data folder, then in packs. Packs are opened when one is needed.

    What is no longer there, or not yet, is no error before a picture is asked for.
    """

    def __init__(self, root: Path, packs: Sequence[Path]) -> None:
        self._root = root
        self._folders = packs

    def read(self, path: str, longest: int) -> Picture:
        """The image whose file is `path`, at most `longest` pixels wide and high.

        Raises UnreadableError, naming the file, where neither it nor a pack has the image.
        """
        try:
            return Picture(read_within(self._root / path, longest))
        except UnreadableError as error:
            for pack in self._packs:
                found = _from_pack(pack, path, longest)
                if found is not None:
                    return found
            raise error from None

    @cached_property
    def _packs(self) -> list[Pack]:
        found = []
        for folder in self._folders:
            try:
                found.append(open_pack(folder))
            except (InputError, DamagedError):
                continue  # gone, or being made: there may be another
        return found


def pack_folders(workspace: Workspace, models: Iterable[ModelRecord]) -> list[Path]:
    """The folders of the packs that these models are predicted from, the largest images first."""
    largest_first = sorted(models, key=lambda model: -int(model.settings["image_size"]))
    with workspace.database.read() as connection:
        jobs = jobs_with_keys(connection, [model.predict_key for model in largest_first])
    found = []
    for job in jobs:
        try:
            spec = read_job(workspace.paths.job(job.folder) / "job.json")
        except (OSError, ValidationError):
            continue  # its folder is gone, or was changed by hand
        found.append(workspace.paths.beside(job.folder, spec.pack))
    return list(dict.fromkeys(found))


def _from_pack(pack: Pack, path: str, longest: int) -> Picture | None:
    """An image of a pack in the shape of its file; None where the pack lacks it."""
    try:
        place = pack.rows(np.array([path]))[0]
    except InputError:
        return None
    width = height = pack.size
    if pack.manifest.pixels.resize == "stretch":
        width, height = int(pack.width[place]), int(pack.height[place])
    scale = min(pack.size, longest) / max(width, height)
    sides = max(1, round(width * scale)), max(1, round(height * scale))
    shown = Image.fromarray(pack.pixels[place]).resize(sides, FILTER)
    return Picture(np.asarray(shown, dtype=np.uint8), pack.size)
