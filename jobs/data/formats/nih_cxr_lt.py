"""NIH-CXR-LT: `miccai2023_nih-cxr-lt_labels_{train,val,test}.csv` on images of ChestX-ray14.

Its own validation file is the development part; validation is split off train as always.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np

from jobs.data.faults import Faults
from jobs.data.folders import find_images, label_file
from jobs.data.formats.nih_chestxray14 import FOLDERS
from jobs.data.part import Part, part_of
from jobs.data.sheet import read_sheet
from jobs.data.table import ImageTable
from jobs.recipe.schema import DataSettings

FILES: Final = {
    part: f"miccai2023_nih-cxr-lt_labels_{name}.csv"
    for part, name in {"train": "train", "dev": "val", "test": "test"}.items()
}
COLUMNS: Final = {"image": "id", "study": "id", "patient": "id", "path": "id"}
_IMAGE = re.compile(r"[A-Za-z0-9]+_[A-Za-z0-9._-]+")


def read(
    root: Path, settings: DataSettings, labels: tuple[str, ...], faults: Faults
) -> dict[str, Part]:
    """The three parts. The patient is the id up to its `_`, each image a study of its own."""
    return {part: _read_part(root, part, settings, labels, faults) for part in FILES}


def _read_part(
    root: Path, part: str, settings: DataSettings, labels: tuple[str, ...], faults: Faults
) -> Part:
    sheet = read_sheet(label_file(root, FILES[part], "nih-cxr-lt"), ("id", *labels), faults)
    image = sheet.matching("id", _IMAGE, "it must be the image's name, as 00000001_000.png")
    sheet.refuse_duplicates("id", image)
    table = ImageTable(
        part,
        labels,
        image,
        image,
        np.array([name.partition("_")[0] for name in image.tolist()], dtype=np.str_),
        np.full(len(sheet), "", dtype=np.str_),
        find_images(root, settings, image, FOLDERS),
        sheet.truths(labels),
    )
    return part_of(sheet, COLUMNS, table)
