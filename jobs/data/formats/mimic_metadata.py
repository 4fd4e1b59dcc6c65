"""`mimic-cxr-2.0.0-metadata.csv`: what MIMIC-CXR-JPG itself says of each image."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.faults import Fault, Faults
from jobs.data.formats.mimic import DICOM, STUDY, SUBJECT
from jobs.data.part import Part
from jobs.data.sheet import read_sheet
from jobs.recipe.schema import DataSettings

_NAME: Final = "mimic-cxr-2.0.0-metadata.csv"


def metadata_file(root: Path, settings: DataSettings) -> Path | None:
    """The metadata in the data folder or that of the images, packed or not; None: not there."""
    folders = (root, root / (settings.images or "."))
    candidates = (folder / (_NAME + end) for folder in folders for end in ("", ".gz"))
    return next((file for file in candidates if file.is_file()), None)


def fill_views(
    root: Path, settings: DataSettings, parts: dict[str, Part], faults: Faults
) -> dict[str, Part]:
    """The parts with the metadata's views where they have none.

    The metadata is read only if a view is missing. It raises InputError if it cannot be read.
    """
    if all(part.table.view.all() for part in parts.values()):
        return parts
    file = metadata_file(root, settings)
    if file is None:
        return parts
    sheet = read_sheet(file, ("dicom_id", "ViewPosition"), faults)
    dicoms, views = sheet.text("dicom_id").tolist(), sheet.text("ViewPosition").tolist()
    known = dict(zip(dicoms, views, strict=True))
    return {name: _filled(part, known) for name, part in parts.items()}


def _filled(part: Part, known: dict[str, str]) -> Part:
    missing = np.flatnonzero(part.table.view == "")
    found = [known.get(image, "") for image in part.table.image[missing].tolist()]
    view = part.table.view.astype(np.result_type(part.table.view, np.array(found, dtype=np.str_)))
    view[missing] = found
    return replace(part, table=replace(part.table, view=view))


def check_metadata(
    root: Path, settings: DataSettings, parts: dict[str, Part], faults: Faults
) -> None:
    """Tell each image whose subject, study or view the metadata has otherwise, or not at all.

    Nothing is told where there is no metadata. Raises InputError if it cannot be read.
    """
    file = metadata_file(root, settings)
    if file is None:
        return
    sheet = read_sheet(file, ("dicom_id", "subject_id", "study_id", "ViewPosition"), faults)
    row_of = {image: row for row, image in enumerate(sheet.matching("dicom_id", DICOM).tolist())}
    theirs = {
        "patient": sheet.matching("subject_id", SUBJECT),
        "study": sheet.matching("study_id", STUDY),
        "view": sheet.text("ViewPosition"),
    }
    for part in parts.values():
        rows = np.array([row_of.get(image, -1) for image in part.table.image.tolist()])
        faults.found.extend(_unknown(part, np.flatnonzero(rows < 0), file))
        known = np.flatnonzero(rows >= 0)
        ours = {"patient": part.table.patient, "study": part.table.study, "view": part.table.view}
        for what, texts in ours.items():
            other = theirs[what][rows[known]]
            faults.found.extend(_differing(part, what, known, texts[known], other, file))


def _unknown(part: Part, rows: NDArray[np.intp], file: Path) -> Iterator[Fault]:
    for row in rows.tolist():
        problem = f"{file.name} has no row for this image"
        line, image = int(part.line[row]), str(part.table.image[row])
        yield Fault(str(part.file), line, part.column["image"], image, problem, "none")


def _differing(
    part: Part,
    what: str,
    rows: NDArray[np.intp],
    ours: NDArray[np.str_],
    theirs: NDArray[np.str_],
    file: Path,
) -> Iterator[Fault]:
    """Those of the part's `rows` (K,) of which both have something to say, but not the same."""
    for at in np.flatnonzero((ours != theirs) & (ours != "") & (theirs != "")).tolist():
        problem = f"{file.name} has {what} {theirs[at]} for this image"
        line, column = int(part.line[rows[at]]), part.column[what]
        yield Fault(str(part.file), line, column, str(ours[at]), problem, "changes results")
