"""Which format a data folder has, by the names of its files."""

from pathlib import Path
from typing import Final, get_args

from jobs.errors import InputError
from jobs.recipe.problem import nearest
from jobs.recipe.schema import DataFormat

# The first that matches; label files before the tables of the images that they are about.
_SIGNS: Final[tuple[tuple[str, DataFormat], ...]] = (
    ("cxr-lt-2023/train.csv*", "cxr-lt-2023"),
    ("cxr-lt-2024/train_labeled.csv*", "cxr-lt-2024"),
    ("train_labeled.csv*", "cxr-lt-2024"),
    ("cxr-lt-2026/CXRLT_2026_training.csv*", "cxr-lt-2026"),
    ("CXRLT_2026_training.csv*", "cxr-lt-2026"),
    ("nih-cxr-lt/miccai2023_nih-cxr-lt_labels_train.csv*", "nih-cxr-lt"),
    ("miccai2023_nih-cxr-lt_labels_train.csv*", "nih-cxr-lt"),
    ("Data_Entry_2017*.csv*", "nih-chestxray14"),
    ("PADCHEST_chest_x_ray_images_labels*.csv*", "padchest"),
    ("valid.csv", "chexpert"),
    ("CheXpert*/valid.csv", "chexpert"),
)


def detect_format(root: Path) -> DataFormat:
    """The format whose files are in the folder; cxr-lt-2023 where they tell nothing."""
    for sign, found in _SIGNS:
        if any(root.glob(sign)):
            return found
    return "cxr-lt-2023"


def named_format(name: str) -> DataFormat:
    """The format of that name; InputError where there is none."""
    formats: tuple[DataFormat, ...] = get_args(DataFormat)
    for known in formats:
        if known == name:
            return known
    hint = nearest(name, formats)
    raise InputError(f"--format {name}: no such format{hint}; there are {', '.join(formats)}")
