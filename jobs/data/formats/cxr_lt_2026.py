"""CXR-LT 2026: `CXRLT_2026_training.csv` on images of PadChest; development and test are split off.

The images are looked for in `images/`, in its numbered folders, or in numbered folders of the data
folder, as PadChest's archives make them: how the challenge hands them out could not be confirmed.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np

from jobs.data.faults import Faults
from jobs.data.folders import find_images, label_file
from jobs.data.part import Part, part_of
from jobs.data.sheet import read_sheet
from jobs.data.table import ImageTable
from jobs.recipe.schema import DataSettings

FOLDER: Final = "cxr-lt-2026"
FILE: Final = "CXRLT_2026_training.csv"
COLUMNS: Final = {
    "image": "ImageID",
    "study": "StudyDate_DICOM",
    "patient": "PatientID",
    "path": "ImageID",
}
_FOLDERS: Final = ("images", "images/[0-9]*", "[0-9]*")
_IMAGE = re.compile(r"[A-Za-z0-9._-]+")
_DATE = re.compile(r"(\d{8})(?:\.0)?", re.ASCII)  # as a float it has lost nothing


def read(
    root: Path, settings: DataSettings, labels: tuple[str, ...], faults: Faults
) -> dict[str, Part]:
    """Train alone. A study is what one patient has on one day; no view is known."""
    sheet = read_sheet(label_file(root, FILE, FOLDER), (*COLUMNS.values(), *labels), faults)
    image = sheet.matching("ImageID", _IMAGE)
    patient = sheet.matching("PatientID")
    date = sheet.matching("StudyDate_DICOM", _DATE, "it must be a date of eight digits")
    sheet.refuse_duplicates("ImageID", image)
    table = ImageTable(
        "train",
        labels,
        image,
        np.strings.add(np.strings.add(patient, "-"), date),
        patient,
        np.full(len(sheet), "", dtype=np.str_),
        find_images(root, settings, image, _FOLDERS),
        sheet.truths(labels),
    )
    return {"train": part_of(sheet, COLUMNS, table)}
