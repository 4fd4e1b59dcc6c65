"""Small valid data folders of every format, and ways to spoil one cell, column or row of them.

`write_folder(format, root)` writes 24 train, 8 dev and 8 test images (where the format has no
file for a part, all in one file), two for each patient, and returns the settings to read them with.
A line counts as in the file: the header is line 1, the first image line 2.
"""

import csv
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from jobs.data.labels import labels_of
from jobs.recipe.schema import CsvSettings, DataFormat, DataSettings

SETTINGS: Final[dict[DataFormat, DataSettings]] = {
    "cxr-lt-2023": DataSettings(format="cxr-lt-2023"),
    "cxr-lt-2024": DataSettings(format="cxr-lt-2024", task=1),
    "cxr-lt-2026": DataSettings(format="cxr-lt-2026"),
    "nih-chestxray14": DataSettings(format="nih-chestxray14"),
    "nih-cxr-lt": DataSettings(format="nih-cxr-lt"),
    "padchest": DataSettings(format="padchest"),
    "chexpert": DataSettings(format="chexpert"),
    "csv": DataSettings(
        format="csv",
        csv=CsvSettings(dev="dev.csv", test="test.csv", study="study", view="view"),
    ),
}
FORMATS: Final = tuple(SETTINGS)

# Of the formats whose recipe must list them.
_LISTED: Final = {"padchest": ("pleural effusion", "nodule", "normal"), "csv": ("Mass", "Edema")}

# The label files of each format, by part.
FILES: Final[dict[DataFormat, dict[str, str]]] = {
    "cxr-lt-2023": {
        "train": "cxr-lt-2023/train.csv",
        "dev": "cxr-lt-2023/development.csv",
        "test": "cxr-lt-2023/test.csv",
    },
    "cxr-lt-2024": {
        "train": "cxr-lt-2024/train_labeled.csv",
        "dev": "cxr-lt-2024/development_labeled_task1.csv",
        "test": "cxr-lt-2024/test_labeled_task1.csv",
    },
    "cxr-lt-2026": {"train": "CXRLT_2026_training.csv"},
    "nih-chestxray14": {"train": "Data_Entry_2017.csv"},
    "nih-cxr-lt": {
        "train": "miccai2023_nih-cxr-lt_labels_train.csv",
        "dev": "miccai2023_nih-cxr-lt_labels_val.csv",
        "test": "miccai2023_nih-cxr-lt_labels_test.csv",
    },
    "padchest": {"train": "PADCHEST_chest_x_ray_images_labels_160K_01.02.19.csv"},
    "chexpert": {"train": "train.csv", "dev": "valid.csv", "test": "test.csv"},
    "csv": {"train": "train.csv", "dev": "dev.csv", "test": "test.csv"},
}

_IMAGES: Final = {"train": 24, "dev": 8, "test": 8}
_PIXELS: Final = 64
Row = dict[str, str]


def labels_for(format_: DataFormat) -> tuple[str, ...]:
    """The labels to read a folder of `write_folder` with."""
    return labels_of(SETTINGS[format_]) or _LISTED[format_]


def write_folder(format_: DataFormat, root: Path) -> DataSettings:
    """Write a valid data folder with its images below `root`; the settings to read it with."""
    parts: dict[str, list[Row]] = {part: [] for part in FILES[format_]}
    number = 0
    for part, images in _IMAGES.items():
        rows = parts[part] if part in parts else parts["train"]
        for _ in range(images):
            row, path = _ROWS[format_](number, part, labels_for(format_))
            rows.append(row)
            _write_image(root / path, number, deep=format_ == "padchest")
            number += 1
    for part, rows in parts.items():
        write_rows(root / FILES[format_][part], list(rows[0]), rows)
    if format_ == "nih-chestxray14":
        _write_nih_lists(root, parts["train"])
    return SETTINGS[format_]


def read_rows(file: Path) -> tuple[list[str], list[Row]]:
    """The header and the rows of a CSV file."""
    with file.open(newline="", encoding="utf-8") as text:
        lines = csv.DictReader(text)
        rows = list(lines)
    return list(lines.fieldnames or []), rows


def write_rows(file: Path, header: list[str], rows: Iterable[Row]) -> None:
    """Write a CSV file; columns that are not in `header` are left out."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", newline="", encoding="utf-8") as text:
        lines = csv.DictWriter(text, header, extrasaction="ignore")
        lines.writeheader()
        lines.writerows(rows)


def cell(file: Path, line: int, column: str) -> str:
    """What stands in a cell."""
    return read_rows(file)[1][line - 2][column]


def change_cell(file: Path, line: int, column: str, text: str) -> None:
    """Put `text` in a cell."""
    header, rows = read_rows(file)
    rows[line - 2][column] = text
    write_rows(file, header, rows)


def drop_column(file: Path, column: str) -> None:
    """Take a column away."""
    header, rows = read_rows(file)
    header.remove(column)
    write_rows(file, header, rows)


def double_column(file: Path, column: str) -> None:
    """Add a column once more, at the end, with the same cells."""
    header, rows = read_rows(file)
    lines = [[*header, column], *([*row.values(), row[column]] for row in rows)]
    with file.open("w", newline="", encoding="utf-8") as text:
        csv.writer(text).writerows(lines)


def double_row(file: Path, line: int) -> int:
    """Add a row once more, at the end; its line there."""
    header, rows = read_rows(file)
    write_rows(file, header, [*rows, rows[line - 2]])
    return len(rows) + 2


def add_row(file: Path, row: Row) -> int:
    """Add a row at the end; its line."""
    header, rows = read_rows(file)
    write_rows(file, header, [*rows, row])
    return len(rows) + 2


def drop_row(file: Path, line: int) -> Row:
    """Take a row away; what stood there."""
    header, rows = read_rows(file)
    dropped = rows.pop(line - 2)
    write_rows(file, header, rows)
    return dropped


def _write_image(path: Path, number: int, *, deep: bool) -> None:
    """A gray ramp; `deep`: 16 bits a pixel, as PadChest has them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    ramp = np.add.outer(np.arange(_PIXELS), np.arange(_PIXELS)) + number
    pixels = (ramp * 500).astype(np.uint16) if deep else ramp.astype(np.uint8)
    Image.fromarray(pixels).save(path)


def _found(number: int, labels: tuple[str, ...]) -> list[str]:
    """Every label is positive for every third patient, and every tenth image is a normal one."""
    normal = [label for label in labels if label in ("No Finding", "Normal", "normal")]
    if number % 10 == 9:
        return normal
    third = [label for at, label in enumerate(labels) if (number // 2 + at) % 3 == 0]
    return [label for label in third if label not in normal]


def _truths(number: int, labels: tuple[str, ...]) -> Row:
    found = _found(number, labels)
    return {label: str(int(label in found)) for label in labels}


def _view(number: int) -> str:
    return "PA" if number % 2 == 0 else "LATERAL"


def _mimic(number: int, path_column: str) -> tuple[Row, str]:
    dicom, subject, study = (
        f"{number:08x}-0a1b2c3d",
        f"{10000032 + number // 2}",
        50000000 + number // 2,
    )
    path = f"files/p{subject[:2]}/p{subject}/s{study}/{dicom}.jpg"
    row = {
        "dicom_id": dicom,
        "subject_id": subject,
        "study_id": f"s{study}",
        "ViewPosition": _view(number),
        "ViewCodeSequence_CodeMeaning": "",
        path_column: path,
    }
    return row, path


def _cxr_lt_2023(number: int, part: str, labels: tuple[str, ...]) -> tuple[Row, str]:
    row, path = _mimic(number, "path")
    return row | _truths(number, labels), path


def _cxr_lt_2024(number: int, part: str, labels: tuple[str, ...]) -> tuple[Row, str]:
    row, path = _mimic(number, "fpath")
    truths = _truths(number, labels)
    order = labels if part == "train" else reversed(labels)  # it differs between the real files
    return row | {label: truths[label] for label in order}, path


def _cxr_lt_2026(number: int, part: str, labels: tuple[str, ...]) -> tuple[Row, str]:
    image = f"21684011136696401298992667351{number:013d}_00-163-058.png"
    row = {
        "ImageID": image,
        "StudyDate_DICOM": f"201401{number % 2 + 1:02d}",
        "PatientID": f"839860488694292331637988235681{number // 2:06d}",
    }
    return row | _truths(number, labels), f"images/{image}"


def _nih(number: int) -> tuple[str, str]:
    """Name and path: the real images lie in twelve folders."""
    name = f"{number // 2 + 1:08d}_{number % 2:03d}.png"
    return name, f"images_{1 if number < 20 else 12:03d}/images/{name}"


def _nih_chestxray14(number: int, part: str, labels: tuple[str, ...]) -> tuple[Row, str]:
    name, path = _nih(number)
    row = {
        "Image Index": name,
        "Finding Labels": "|".join(_found(number, labels)),
        "Follow-up #": str(number % 2),
        "Patient ID": str(number // 2 + 1),
        "Patient Age": "58",
        "Patient Gender": "M",
        "View Position": "PA" if number % 2 == 0 else "AP",
        "OriginalImage[Width": "2682",
        "Height]": "2749",
        "OriginalImagePixelSpacing[x": "0.143",
        "y]": "0.143",
        "": "",  # the real header and its rows end in a comma
    }
    return row, path


def _write_nih_lists(root: Path, rows: list[Row]) -> None:
    names = [row["Image Index"] for row in rows]
    cut = len(names) - _IMAGES["test"]
    (root / "train_val_list.txt").write_text("\n".join(names[:cut]) + "\n")
    (root / "test_list.txt").write_text("\n".join(names[cut:]))  # the real one ends without


def _nih_cxr_lt(number: int, part: str, labels: tuple[str, ...]) -> tuple[Row, str]:
    name, _ = _nih(number)
    row = {"id": name} | _truths(number, labels) | {"subj_id": str(number // 2 + 1)}
    return row, f"images/{name}"


def _padchest(number: int, part: str, labels: tuple[str, ...]) -> tuple[Row, str]:
    image = f"{number:032d}_00-009-152.png"
    row = {
        "": str(number),
        "ImageID": image,
        "ImageDir": str(number % 3),
        "StudyDate_DICOM": "20140915",
        "StudyID": f"205366866401363482361486798{number // 2:011d}",
        "PatientID": f"839860488694292331637988235681{number // 2:06d}",
        "Projection": "PA" if number % 2 == 0 else "L",
        "Report": 'sin hallazgos , "normal"',
        "Labels": str([*_found(number, labels), "unchanged", ""]),
    }
    return row, f"{number % 3}/{image}"


def _chexpert(number: int, part: str, labels: tuple[str, ...]) -> tuple[Row, str]:
    folder = "valid" if part == "dev" else part
    frontal = number % 2 == 0
    view = "frontal" if frontal else "lateral"
    path = f"{folder}/patient{number // 2 + 1:05d}/study{number % 2 + 1}/view1_{view}.jpg"
    row = {
        "Path": f"CheXpert-v1.0-small/{path}",
        "Sex": "Female",
        "Age": "68",
        "Frontal/Lateral": view.title(),
        "AP/PA": "AP" if frontal else "",
    }
    texts = {"1": "1.0", "0": "0.0" if number % 4 else ""}
    truths = {label: texts[text] for label, text in _truths(number, labels).items()}
    if number == 0:
        truths[labels[1]] = "-1.0"
    return row | truths, path


def _csv(number: int, part: str, labels: tuple[str, ...]) -> tuple[Row, str]:
    path = f"pictures/{number:04d}.png"
    row = {
        "image": path,
        "patient": f"P{number // 2:03d}",
        "study": f"S{number // 2:03d}",
        "view": "AP" if number % 2 else "LL",
    }
    return row | _truths(number, labels), path


_ROWS: Final[dict[DataFormat, Callable[[int, str, tuple[str, ...]], tuple[Row, str]]]] = {
    "cxr-lt-2023": _cxr_lt_2023,
    "cxr-lt-2024": _cxr_lt_2024,
    "cxr-lt-2026": _cxr_lt_2026,
    "nih-chestxray14": _nih_chestxray14,
    "nih-cxr-lt": _nih_cxr_lt,
    "padchest": _padchest,
    "chexpert": _chexpert,
    "csv": _csv,
}
