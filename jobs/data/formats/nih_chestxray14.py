"""NIH ChestX-ray14: `Data_Entry_2017*.csv`, with `train_val_list.txt` and `test_list.txt`.

The images lie in `images/`, or in `images_001/images/` to `images_012/images/`. Without the lists
the test images are split off by patient, as the development images always are.
"""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.faults import Faults
from jobs.data.folders import find_images, one_file
from jobs.data.labels import NIH_FINDINGS
from jobs.data.part import Part, part_of
from jobs.data.sheet import Sheet, read_sheet
from jobs.data.table import ImageTable
from jobs.recipe.schema import DataSettings

COLUMNS: Final = {
    "image": "Image Index",
    "study": "Image Index",
    "patient": "Patient ID",
    "view": "View Position",
    "path": "Image Index",
}
LISTS: Final = {"train": "train_val_list.txt", "test": "test_list.txt"}
FOLDERS: Final = ("images", "images_*/images")
_IMAGE = re.compile(r"[A-Za-z0-9._-]+")
_PATIENT = re.compile(r"\d+", re.ASCII)


def read(
    root: Path, settings: DataSettings, labels: tuple[str, ...], faults: Faults
) -> dict[str, Part]:
    """Train and, where there are the lists, test. Each image is a study of its own."""
    file = one_file(root, "Data_Entry_2017*.csv*", "Data_Entry_2017.csv", faults)
    _check_labels(file, labels, faults)
    needed = ("Image Index", "Finding Labels", "Patient ID", "View Position")
    sheet = read_sheet(file, needed, faults)
    image = sheet.matching("Image Index", _IMAGE)
    sheet.refuse_duplicates("Image Index", image)
    patient = sheet.matching("Patient ID", _PATIENT)
    targets = sheet.listed(
        "Finding Labels", labels, _findings, "it must list findings of ChestX-ray14, parted by |"
    )
    in_test = _in_test(root, sheet, image, faults)
    table = ImageTable(
        "train",
        labels,
        image,
        image,
        patient,
        sheet.text("View Position"),
        find_images(root, settings, image, FOLDERS),
        targets,
    )
    whole = Part(file, sheet.line, COLUMNS, table, sheet.rows)
    if in_test is None:
        return {"train": part_of(sheet, COLUMNS, table)}
    test = whole.take(np.flatnonzero(in_test & ~sheet.bad))
    return {
        "train": whole.take(np.flatnonzero(~in_test & ~sheet.bad)),
        "test": replace(test, table=replace(test.table, split="test")),
    }


def _check_labels(file: Path, labels: tuple[str, ...], faults: Faults) -> None:
    unknown = [label for label in labels if label not in NIH_FINDINGS]
    if unknown:
        problem = f"no finding of ChestX-ray14 is called {' or '.join(unknown)}"
        raise faults.stop(file, problem, column="Finding Labels")


def _findings(text: str) -> set[str] | None:
    found = {finding.strip() for finding in text.split("|")}
    return found if found <= set(NIH_FINDINGS) else None


def _in_test(
    root: Path, sheet: Sheet, image: NDArray[np.str_], faults: Faults
) -> NDArray[np.bool_] | None:
    """Which images (N,) are in the list of test images; None where there are no lists.

    An image that is in both lists, or in none, makes its row bad.
    """
    files = {part: root / name for part, name in LISTS.items()}
    there = [part for part, file in files.items() if file.is_file()]
    if not there:
        return None
    known = set(image.tolist())
    named = {part: _names(file, known, faults) for part, file in files.items()}
    for row, name in enumerate(image.tolist()):
        lists = [part for part in named if name in named[part]]
        if name and len(lists) != 1:
            which = "both" if lists else "neither"
            sheet.tell(row, "Image Index", f"in {which} of {' and '.join(LISTS.values())}")
    return np.array([name in named["test"] for name in image.tolist()], dtype=bool)


def _names(file: Path, known: set[str], faults: Faults) -> set[str]:
    """The images of a list; one of which there is no row is told."""
    try:
        lines = file.read_text("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise faults.stop(file, f"cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        if line.strip() and line.strip() not in known:
            faults.row(file, number, None, line.strip(), "there is no row for this image")
    return {line.strip() for line in lines}
