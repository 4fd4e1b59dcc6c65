"""Faults to plant in a whole small data folder, each with what must then be told.

A fault is planted in every format that can have it.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from data_folders import (
    FILES,
    FORMATS,
    cell,
    change_cell,
)

from jobs.data.faults import Effect
from jobs.recipe.schema import DataFormat

# What each format calls its columns; those that it has none for are not there.
COLUMNS: dict[DataFormat, dict[str, str]] = {
    "cxr-lt-2023": {
        "image": "dicom_id",
        "patient": "subject_id",
        "study": "study_id",
        "path": "path",
    },
    "cxr-lt-2024": {
        "image": "dicom_id",
        "patient": "subject_id",
        "study": "study_id",
        "path": "fpath",
    },
    "cxr-lt-2026": {"image": "ImageID", "patient": "PatientID"},
    "nih-chestxray14": {"image": "Image Index", "patient": "Patient ID"},
    "nih-cxr-lt": {"image": "id"},
    "padchest": {"image": "ImageID", "patient": "PatientID", "study": "StudyID"},
    "chexpert": {"image": "Path"},
    "csv": {"image": "image", "patient": "patient", "study": "study"},
}
MIMIC: tuple[DataFormat, ...] = ("cxr-lt-2023", "cxr-lt-2024")
LISTS: dict[DataFormat, str] = {"nih-chestxray14": "Finding Labels", "padchest": "Labels"}
LABEL_COLUMNS = tuple(format_ for format_ in FORMATS if format_ not in LISTS)
WITH_PATIENTS = tuple(format_ for format_ in FORMATS if "patient" in COLUMNS[format_])
WITH_STUDIES = tuple(format_ for format_ in FORMATS if "study" in COLUMNS[format_])
SEVERAL_FILES = tuple(format_ for format_ in FORMATS if len(FILES[format_]) > 1)
LINE = 7


@dataclass(frozen=True)
class Folder:
    format: DataFormat
    root: Path

    def file(self, part: str = "train") -> Path:
        return self.root / FILES[self.format][part]

    def column(self, what: str) -> str:
        return COLUMNS[self.format][what]

    def change(self, line: int, column: str, text: str, part: str = "train") -> None:
        change_cell(self.file(part), line, column, text)

    def own_images(self) -> None:
        """Images that may be changed, in place of those that all tests share."""
        for shared in [entry for entry in self.root.iterdir() if entry.is_symlink()]:
            images = shared.readlink()
            shared.unlink()
            shutil.copytree(images, shared)

    def cell(self, line: int, what: str, part: str = "train") -> str:
        return cell(self.file(part), line, self.column(what))


def write_sharing_images(whole: Path, folder: Folder) -> Folder:
    """Write `folder` with tables like those of `whole`, and with its images."""
    folder.root.mkdir(exist_ok=True)
    for entry in whole.iterdir():
        copy = folder.root / entry.name
        if entry.is_file():
            shutil.copy(entry, copy)
        elif any(entry.glob("*.csv")):
            shutil.copytree(entry, copy)
        else:
            copy.symlink_to(entry)
    return folder


@dataclass(frozen=True)
class Told:
    """The one fault that must be told."""

    file: Path
    row: int | None
    column: str | None
    found: str
    words: str
    effect: Effect
    changes_results: bool = True


Plant = Callable[[Folder], Told]


class Plants(list[tuple[DataFormat, Plant]]):
    """Faults, each for every format that can have it."""

    def of(self, *formats: DataFormat) -> Callable[[Plant], Plant]:
        """Register a fault for these formats."""

        def register(plant: Plant) -> Plant:
            self.extend((format_, plant) for format_ in formats)
            return plant

        return register
