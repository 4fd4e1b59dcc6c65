"""CheXpert: `train.csv`, `valid.csv` (the development part) and, where it is there, `test.csv`.

`Path` names patient and study, and begins with the data set's own folder
(`CheXpert-v1.0-small/train/patient00001/study1/view1_frontal.jpg`), which may be the data folder
itself. A label is 1, 0, -1 (uncertain) or blank (not mentioned: 0). A frontal image of which
neither PA nor AP is known has the view FRONTAL; the official test file says nothing of views, so
that there it follows from the image's name.
"""

import re
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.faults import Faults
from jobs.data.part import Part, part_of
from jobs.data.sheet import Sheet, read_sheet
from jobs.data.table import ImageTable
from jobs.recipe.schema import DataSettings

FILES: Final = {"train": "train.csv", "dev": "valid.csv", "test": "test.csv"}
COLUMNS: Final = {
    "image": "Path",
    "study": "Path",
    "patient": "Path",
    "view": "AP/PA",
    "path": "Path",
}
_PATH = re.compile(
    r"(?:(?P<own>[^/]+)/)?"
    r"(?P<inner>(?:train|valid|test)/patient(?P<patient>\d+)/study(?P<study>\d+)/[\w.-]+)",
    re.ASCII,
)
_PROBLEM: Final = "it must be as CheXpert-v1.0/train/patient00001/study1/view1_frontal.jpg"


def read(
    root: Path, settings: DataSettings, labels: tuple[str, ...], faults: Faults
) -> dict[str, Part]:
    """Train, dev and, where there is its file, test."""
    own = [folder for folder in sorted(root.glob("CheXpert*")) if (folder / "train.csv").is_file()]
    folder = own[0] if own and not (root / "train.csv").is_file() else root
    return {
        part: _read_part(root, folder / name, part, settings, labels, faults)
        for part, name in FILES.items()
        if part != "test" or (folder / name).is_file()
    }


def _read_part(
    root: Path,
    file: Path,
    part: str,
    settings: DataSettings,
    labels: tuple[str, ...],
    faults: Faults,
) -> Part:
    sheet = read_sheet(file, ("Path", *labels), faults, ("Frontal/Lateral", "AP/PA"))
    sheet.matching("Path", _PATH, _PROBLEM)
    matches = [_PATH.fullmatch(text.strip()) for text in sheet.coded("Path").distinct]
    image = sheet.mapped("Path", [match["inner"] if match else "" for match in matches])
    study = [f"{match['patient']}-{match['study']}" if match else "" for match in matches]
    patient = [match["patient"] if match else "" for match in matches]
    sheet.refuse_duplicates("Path", image)
    sure = {"0": False, "0.0": False, "": False, "1": True, "1.0": True}
    meaning = sure | dict.fromkeys(("-1", "-1.0"), settings.uncertain == "ones")
    table = ImageTable(
        part,
        labels,
        image,
        sheet.mapped("Path", study),
        sheet.mapped("Path", patient),
        _views(sheet, image),
        _paths(root, settings, sheet, matches),
        sheet.truths(labels, meaning, "it must be 1, 0, -1 or blank"),
    )
    return part_of(sheet, COLUMNS if "AP/PA" in sheet else COLUMNS | {"view": "Path"}, table)


def _views(sheet: Sheet, image: NDArray[np.str_]) -> NDArray[np.str_]:
    """(N,): PA or AP of frontal images, else FRONTAL, and LATERAL."""
    if "Frontal/Lateral" in sheet:
        side = sheet.matching(
            "Frontal/Lateral", re.compile("Frontal|Lateral|"), "it must be Frontal or Lateral"
        ).tolist()
    else:
        names = (name.rpartition("/")[2] for name in image.tolist())
        side = ["Frontal" if "frontal" in name else "Lateral" for name in names]
    exact = sheet.text("AP/PA").tolist() if "AP/PA" in sheet else [""] * len(sheet)
    frontal = [{"Frontal": one or "FRONTAL", "Lateral": "LATERAL"} for one in exact]
    views = [of.get(which, "") for of, which in zip(frontal, side, strict=True)]
    return np.array(views, dtype=np.str_)


def _paths(
    root: Path, settings: DataSettings, sheet: Sheet, matches: list[re.Match[str] | None]
) -> NDArray[np.str_]:
    """(N,): below the recipe's `images`, the data set's own folder, or the data folder."""
    prefixes: dict[str, str] = {"": ""}
    paths = []
    for match in matches:
        own = (match["own"] or "") if match else ""
        if own not in prefixes:
            prefixes[own] = f"{own}/" if (root / own).is_dir() else ""
        paths.append(prefixes[own] + match["inner"] if match else "")
    if settings.images is not None:
        paths = [f"{settings.images}/{match['inner']}" if match else "" for match in matches]
    return sheet.mapped("Path", paths)
