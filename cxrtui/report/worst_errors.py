"""The images that the last column is most wrong about. Patients' images: only when asked for."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrtui.report.last_column import LastColumn, Scored
from db.lists import jobs_with_keys
from jobs.data.pixels.pack import Pack, open_pack
from jobs.errors import InputError
from jobs.loading import RecipeHoldings
from jobs.spec import read_job
from jobs.workspace import Workspace

EACH: Final = 3  # of either kind a label
_PIXELS: Final = 192  # a side, at most
_QUALITY: Final = 80


@dataclass(frozen=True)
class ShownImage:
    """One image with what was said of it."""

    image: str
    score: float
    jpeg: bytes


@dataclass(frozen=True)
class WorstErrors:
    """The errors of one label: at most `EACH` of either kind, the worst first."""

    label: str
    false_alarms: tuple[ShownImage, ...]  # negatives with the highest scores
    missed: tuple[ShownImage, ...]  # positives with the lowest scores


def worst_errors(
    workspace: Workspace, holdings: RecipeHoldings, column: LastColumn
) -> list[WorstErrors]:
    """The worst errors on test of every label, at most one image of a study among each kind.

    InputError if no pack is there to take the pixels from.
    """
    scored = column.splits["test"]
    pack = _open_pack(workspace, holdings, column)
    found = []
    for place, label in enumerate(scored.table.labels):
        scores, positive = scored.probabilities[:, place], scored.table.targets[:, place]
        alarms = _extreme(-scores, np.flatnonzero(~positive), scored.table.study)
        missed = _extreme(scores, np.flatnonzero(positive), scored.table.study)
        shown = [tuple(_shown(pack, scored, place, rows)) for rows in (alarms, missed)]
        found.append(WorstErrors(label, *shown))
    return found


def _extreme(
    order: NDArray[np.float32], rows: NDArray[np.intp], study: NDArray[np.str_]
) -> list[int]:
    """Those of `rows` that come first in `order` (N,), of each study only one."""
    chosen: dict[str, int] = {}
    for row in rows[np.argsort(order[rows], kind="stable")]:
        chosen.setdefault(str(study[row]), int(row))
        if len(chosen) == EACH:
            break
    return list(chosen.values())


def _shown(pack: Pack, scored: Scored, place: int, rows: list[int]) -> Iterable[ShownImage]:
    places = pack.places(scored.table.path[rows])
    for row, pixels in zip(rows, places, strict=True):
        score = float(scored.probabilities[row, place])
        yield ShownImage(str(scored.table.image[row]), score, _jpeg(pack.pixels[pixels]))


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    from PIL import Image

    image = Image.fromarray(pixels)
    image.thumbnail((_PIXELS, _PIXELS))
    file = io.BytesIO()
    image.save(file, format="JPEG", quality=_QUALITY, optimize=True)
    return file.getvalue()


def _open_pack(workspace: Workspace, holdings: RecipeHoldings, column: LastColumn) -> Pack:
    """The pack of the members with the largest images; an imported member has none."""
    models = [holdings.models[name] for name in column.choice.weights if name in holdings.models]
    models = models or list(holdings.models.values())
    models.sort(key=lambda model: -int(model.settings["image_size"]))
    with workspace.database.read() as connection:
        jobs = jobs_with_keys(connection, [model.predict_key for model in models])
    if not jobs:
        raise InputError(f"{column.title}: its members are imported, so no pack has their images")
    spec = read_job(workspace.paths.job(jobs[0].folder) / "job.json")
    return open_pack(workspace.paths.beside(jobs[0].folder, spec.pack))
