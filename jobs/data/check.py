"""What a data folder holds, and what in it would change results."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.data.cxr_lt_2023 import csv_path
from jobs.data.labels import Group, group_of
from jobs.data.reading import SPLITS, read_files
from jobs.data.table import ImageTable
from jobs.data.val_split import split_validation
from jobs.recipe.schema import DataSettings


@dataclass(frozen=True)
class DataProblem:
    """One fault: the file and its line, the column, what stands there, what is wrong with it."""

    file: str
    row: int | None  # line of the file, the header being line 1
    column: str | None
    found: str
    problem: str


@dataclass(frozen=True)
class SplitCount:
    """How much one split has."""

    rows: int
    patients: int
    studies: int


@dataclass(frozen=True)
class LabelCount:
    """How often a label is positive; its group follows from the share of the training file."""

    label: str
    positives: int  # in the training file
    by_split: dict[str, int]
    group: Group


@dataclass(frozen=True)
class DataCheck:
    """A data folder, counted."""

    splits: dict[str, SplitCount]  # train, val, dev, test
    patients: int
    studies: int
    views: dict[str, int]  # "" where it is missing
    labels: tuple[LabelCount, ...]
    problems: tuple[DataProblem, ...]

    @property
    def rows(self) -> int:
        """Images in all splits."""
        return sum(split.rows for split in self.splits.values())


def check_data(root: Path, settings: DataSettings, labels: tuple[str, ...]) -> DataCheck:
    """Read the whole folder `root` and look for every image file.

    Raises InputError, as the reader does, where a file cannot be read at all.
    """
    files = read_files(root, settings, labels)
    train, val = split_validation(files["train"], settings.val_fraction, settings.val_seed)
    splits = {"train": train, "val": val, "dev": files["dev"], "test": files["test"]}
    whole = files.values()
    problems = (*_shared(root, files), *_absent(root, files))
    return DataCheck(
        splits={split: _count(splits[split]) for split in SPLITS},
        patients=len(set().union(*(table.patient for table in whole))),
        studies=len(set().union(*(table.study for table in whole))),
        views=dict(sum((Counter(table.view.tolist()) for table in whole), Counter()).most_common()),
        labels=_labels(files["train"], splits),
        problems=problems,
    )


def _count(table: ImageTable) -> SplitCount:
    return SplitCount(len(table), len(np.unique(table.patient)), len(np.unique(table.study)))


def _labels(train: ImageTable, splits: dict[str, ImageTable]) -> tuple[LabelCount, ...]:
    by_split = {name: table.targets.sum(axis=0).tolist() for name, table in splits.items()}
    return tuple(
        LabelCount(
            label,
            int(positives),
            {name: counts[column] for name, counts in by_split.items()},
            group_of(positives / len(train)),
        )
        for column, (label, positives) in enumerate(
            zip(train.labels, train.targets.sum(axis=0), strict=True)
        )
    )


def _shared(root: Path, files: dict[str, ImageTable]) -> Iterator[DataProblem]:
    """Patients that stand in two files: a score of one would know the other."""
    seen: dict[str, str] = {}
    for split, table in files.items():
        patients, first = _first_rows(table.patient)
        for patient, row in zip(patients.tolist(), first.tolist(), strict=True):
            other = seen.setdefault(patient, split)
            if other != split:
                yield DataProblem(
                    str(csv_path(root, split)),
                    row + 2,
                    "subject_id",
                    patient,
                    f"the patient is in split {other} too",
                )


def _first_rows(texts: NDArray[np.str_]) -> tuple[NDArray[np.str_], NDArray[np.intp]]:
    return np.unique(texts, return_index=True)


def _absent(root: Path, files: dict[str, ImageTable]) -> Iterator[DataProblem]:
    """Image files that do not exist."""
    for split, table in files.items():
        for row, path in enumerate(table.path.tolist()):
            if not (root / path).is_file():
                yield DataProblem(
                    str(csv_path(root, split)), row + 2, "path", path, "no such image file"
                )
