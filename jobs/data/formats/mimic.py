"""Label files on the images of MIMIC-CXR-JPG, as the editions of CXR-LT have them."""

import re
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.faults import Faults
from jobs.data.folders import below, check_paths
from jobs.data.part import Part, part_of
from jobs.data.sheet import Sheet, read_sheet
from jobs.data.table import ImageTable
from jobs.recipe.schema import DataSettings

DICOM: Final = re.compile(r"[A-Za-z0-9._-]+")
SUBJECT: Final = re.compile(r"p?(\d+)", re.ASCII)
STUDY: Final = re.compile(r"s?(\d+)", re.ASCII)


def read_part(
    file: Path,
    part: str,
    path_column: str,
    settings: DataSettings,
    labels: tuple[str, ...],
    faults: Faults,
) -> Part:
    """One file. A study id is `s########` or digits, and ends as digits; so do subject ids."""
    needed = ("dicom_id", "subject_id", "study_id", "ViewPosition", *labels)
    sheet = read_sheet(file, needed, faults, (path_column,))
    image = sheet.matching("dicom_id", DICOM)
    patient = sheet.matching("subject_id", SUBJECT)
    study = sheet.matching("study_id", STUDY)
    sheet.refuse_duplicates("dicom_id", image)
    path = _paths(sheet, path_column, image, study, patient)
    table = ImageTable(
        part,
        labels,
        image,
        study,
        patient,
        sheet.text("ViewPosition"),
        below(settings, path),
        sheet.truths(labels),
    )
    column = {
        "image": "dicom_id",
        "study": "study_id",
        "patient": "subject_id",
        "view": "ViewPosition",
        "path": path_column if path_column in sheet else "dicom_id",
    }
    return part_of(sheet, column, table)


def _paths(
    sheet: Sheet,
    column: str,
    image: NDArray[np.str_],
    study: NDArray[np.str_],
    patient: NDArray[np.str_],
) -> NDArray[np.str_]:
    """The paths given; where there is none, the path follows from the ids."""
    if column in sheet:
        given = check_paths(sheet, column, needed=False)
        if given.all():
            return given
    else:
        given = np.full(len(sheet), "", dtype=np.str_)
    ids = zip(given.tolist(), patient.tolist(), study.tolist(), image.tolist(), strict=True)
    return np.array(
        [path or f"files/p{who[:2]}/p{who}/s{of}/{name}.jpg" for path, who, of, name in ids],
        dtype=np.str_,
    )
