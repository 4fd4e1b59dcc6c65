"""A table of one's own: the recipe says which files and columns it has."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.data.faults import Faults
from jobs.data.folders import below, check_paths, is_below
from jobs.data.part import Part, part_of
from jobs.data.sheet import Sheet, read_sheet
from jobs.data.table import FRONTAL_VIEWS, ImageTable
from jobs.recipe.schema import CsvSettings, DataSettings


def read(
    root: Path, settings: DataSettings, labels: tuple[str, ...], faults: Faults
) -> dict[str, Part]:
    """The parts that the recipe names files for."""
    own = settings.csv or CsvSettings()
    files = {"train": own.train, "dev": own.dev, "test": own.test}
    named = {part: name for part, name in files.items() if name is not None}
    outside = [Path(name) for name in named.values() if not is_below(name)]
    if outside:
        raise faults.stop(outside[0], "it must be relative to the data folder, and below it")
    return {
        part: _read_part(root / name, part, own, settings, labels, faults)
        for part, name in named.items()
    }


def _read_part(
    file: Path,
    part: str,
    own: CsvSettings,
    settings: DataSettings,
    labels: tuple[str, ...],
    faults: Faults,
) -> Part:
    column = {"image": own.image, "study": own.study or own.image, "patient": own.patient}
    column |= {"path": own.image} | ({"view": own.view} if own.view else {})
    sheet = read_sheet(file, tuple(dict.fromkeys((*column.values(), *labels))), faults)
    image = check_paths(sheet, own.image)
    sheet.refuse_duplicates(own.image, image)
    table = ImageTable(
        part,
        labels,
        image,
        sheet.matching(own.study) if own.study else image,
        sheet.matching(own.patient),
        _views(sheet, own),
        below(settings, image),
        sheet.truths(labels),
    )
    return part_of(sheet, column, table)


def _views(sheet: Sheet, own: CsvSettings) -> NDArray[np.str_]:
    """(N,): what the recipe calls frontal is PA, AP or FRONTAL, and nothing else is."""
    if own.view is None:
        return np.full(len(sheet), "", dtype=np.str_)
    views = []
    for text in (text.strip() for text in sheet.coded(own.view).distinct):
        if text in own.frontal:
            views.append(text if text in FRONTAL_VIEWS else "FRONTAL")
        else:
            views.append("OTHER" if text in FRONTAL_VIEWS else text)
    return sheet.mapped(own.view, views)
