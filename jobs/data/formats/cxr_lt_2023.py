"""CXR-LT 2023: `cxr-lt-2023/{train,development,test}.csv` on the images of MIMIC-CXR-JPG 2.0.0."""

from pathlib import Path
from typing import Final

from jobs.data.faults import Faults
from jobs.data.folders import label_file
from jobs.data.formats.mimic import read_part
from jobs.data.formats.mimic_metadata import fill_views
from jobs.data.part import Part
from jobs.recipe.schema import DataSettings

FOLDER: Final = "cxr-lt-2023"
FILES: Final = {"train": "train.csv", "dev": "development.csv", "test": "test.csv"}


def read(
    root: Path, settings: DataSettings, labels: tuple[str, ...], faults: Faults
) -> dict[str, Part]:
    """The three parts. A study id is `s########` or digits, and ends as digits."""
    parts = {
        part: read_part(label_file(root, name, FOLDER), part, "path", settings, labels, faults)
        for part, name in FILES.items()
    }
    return fill_views(root, settings, parts, faults)
