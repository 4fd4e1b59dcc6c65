"""The four splits of a data folder, whatever its format."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from jobs.data import cxr_lt_2023
from jobs.data.table import ImageTable
from jobs.data.val_split import split_validation
from jobs.recipe.schema import DataSettings

SPLITS: Final = ("train", "val", "dev", "test")

_READERS: Final[dict[str, Callable[[Path, str, Sequence[str]], ImageTable]]] = {
    "cxr-lt-2023": cxr_lt_2023.read_csv,
}


def read_files(
    root: Path, settings: DataSettings, labels: tuple[str, ...]
) -> dict[str, ImageTable]:
    """The label files as they are: train (with what becomes val), dev and test."""
    read = _READERS[settings.format]
    return {split: read(root, split, labels) for split in ("train", "dev", "test")}


def read_split(
    root: Path, settings: DataSettings, labels: tuple[str, ...], split: str
) -> ImageTable:
    """One of the splits train, val, dev, test; train and val share the training file.

    Labels are selected by name, in the order given. Raises InputError as the format's reader does.
    """
    read = _READERS[settings.format]
    if split not in ("train", "val"):
        return read(root, split, labels)
    train, val = _divide(read(root, "train", labels), settings)
    return train if split == "train" else val


def read_dataset(
    root: Path, settings: DataSettings, labels: tuple[str, ...]
) -> dict[str, ImageTable]:
    """All four splits by name, each file read once. Raises InputError as the reader does."""
    tables = read_files(root, settings, labels)
    train, val = _divide(tables["train"], settings)
    return {"train": train, "val": val, "dev": tables["dev"], "test": tables["test"]}


def _divide(table: ImageTable, settings: DataSettings) -> tuple[ImageTable, ImageTable]:
    return split_validation(table, settings.val_fraction, settings.val_seed)
