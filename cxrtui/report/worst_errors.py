"""The images that the last column is most wrong about. Patients' images: only when asked for."""

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrtui.report.last_column import LastColumn, Scored
from jobs.cases import ranked_cases
from jobs.data.pixels.pack import Pack, open_pack
from jobs.errors import InputError
from jobs.loading import RecipeHoldings
from jobs.pictures import pack_folders
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
        cases = partial(
            ranked_cases,
            scored.probabilities[:, place],
            scored.table.targets[:, place],
            most=EACH,
            study=scored.table.study,
        )
        alarms, missed = cases(kind="false positives"), cases(kind="missed")
        shown = [tuple(_shown(pack, scored, place, rows)) for rows in (alarms, missed)]
        found.append(WorstErrors(label, *shown))
    return found


def _shown(pack: Pack, scored: Scored, place: int, rows: NDArray[np.intp]) -> Iterable[ShownImage]:
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
    folders = pack_folders(workspace, models)
    if not folders:
        raise InputError(f"{column.title}: its members are imported, so no pack has their images")
    return open_pack(folders[0])
