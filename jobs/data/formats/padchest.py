"""PadChest: one file of 160,000 rows; development and test are split off by patient.

An image lies in the folder that `ImageDir` names, in `images/` where there is that, or all lie in
one folder. `Projection` is PA, AP, AP_horizontal (lying: also AP), L, COSTAL or EXCLUDE.
"""

import ast
import os
import re
import warnings
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.faults import Faults
from jobs.data.folders import one_file
from jobs.data.part import Part, part_of
from jobs.data.sheet import Sheet, read_sheet
from jobs.data.table import ImageTable
from jobs.recipe.schema import DataSettings

FILE: Final = "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"
COLUMNS: Final = {
    "image": "ImageID",
    "study": "StudyID",
    "patient": "PatientID",
    "view": "Projection",
    "path": "ImageDir",
}
_VIEWS: Final = {"AP_horizontal": "AP", "L": "LATERAL"}
_IMAGE = re.compile(r"[A-Za-z0-9._-]+")
_FOLDER = re.compile(r"(\d+)(?:\.0)?", re.ASCII)  # as a float it has lost nothing


def read(
    root: Path, settings: DataSettings, labels: tuple[str, ...], faults: Faults
) -> dict[str, Part]:
    """Train alone. Raises InputError also for a label that no row has: is it spelt otherwise?"""
    file = one_file(root, "PADCHEST_chest_x_ray_images_labels*.csv*", FILE, faults)
    sheet = read_sheet(file, (*COLUMNS.values(), "Labels"), faults)
    image = sheet.matching("ImageID", _IMAGE)
    sheet.refuse_duplicates("ImageID", image)
    folder = sheet.matching("ImageDir", _FOLDER, "it must be the number of a folder")
    views = [text.strip() for text in sheet.coded("Projection").distinct]
    table = ImageTable(
        "train",
        labels,
        image,
        sheet.matching("StudyID"),
        sheet.matching("PatientID"),
        sheet.mapped("Projection", [_VIEWS.get(view, view) for view in views]),
        _paths(root, settings, folder, image),
        _targets(sheet, labels),
    )
    positives = table.targets.sum(axis=0).tolist()
    unseen = [label for label, count in zip(labels, positives, strict=True) if not count]
    if unseen:
        raise faults.stop(file, f"no row has the label {' or '.join(unseen)}", column="Labels")
    return {"train": part_of(sheet, COLUMNS, table)}


def _targets(sheet: Sheet, labels: tuple[str, ...]) -> NDArray[np.bool_]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a backslash in a label
        return sheet.listed("Labels", labels, _label_list, "it must be a list of texts")


def _label_list(text: str) -> set[str] | None:
    """The labels in a Python list in text, such as "['nodule', ' mass']"; None: it is not one."""
    try:
        read = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    if not isinstance(read, list) or not all(isinstance(label, str) for label in read):
        return None
    return {label.strip() for label in read}


def _paths(
    root: Path, settings: DataSettings, folder: NDArray[np.str_], image: NDArray[np.str_]
) -> NDArray[np.str_]:
    base = settings.images or ("images" if (root / "images").is_dir() else ".")
    prefix = "" if base == "." else f"{Path(base).as_posix()}/"
    with os.scandir(root / base) as entries:
        flat = not any(entry.name.isdigit() and entry.is_dir() for entry in entries)
    if flat:
        return np.strings.add(prefix, image)
    return np.strings.add(np.strings.add(prefix, np.strings.add(folder, "/")), image)
