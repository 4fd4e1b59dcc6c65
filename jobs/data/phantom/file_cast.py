"""Casts out of a real table: its label rows, views and studies stand in for drawn ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.faults import Faults
from jobs.data.labels import LABELS
from jobs.data.phantom.cast import Cast
from jobs.data.sheet import Sheet, read_sheet
from jobs.data.table import FRONTAL_VIEWS
from jobs.errors import InputError

_COLUMNS: Final = ("dicom_id", "subject_id", "study_id", "ViewPosition")
_SIDEWAYS: Final = ("LATERAL", "LL")  # what the view of a lateral image contains, or is


@dataclass(frozen=True, eq=False)
class LabelFile:
    """The M rows of a table that can be used, those of a patient and of a study together."""

    file: Path
    patient: NDArray[np.intp]  # (M,) number of the patient, never falling
    study: NDArray[np.intp]  # (M,) number of the study, never falling
    view: NDArray[np.str_]  # (M,)
    positive: NDArray[np.bool_]  # (M, C)
    ids: frozenset[str]  # of patients and studies

    def casts(self, counts: Sequence[int], rng: np.random.Generator) -> list[Cast]:
        """A cast of each number of images; no row is used twice, no patient is in two casts.

        Patients come in random order with all that they have; only where no patient that is left
        fits into the rest of a cast, one is cut. Raises InputError if there are too few rows.
        """
        start = np.searchsorted(self.patient, np.arange(self.patient[-1] + 2))
        left = rng.permutation(len(start) - 1).tolist()
        casts = []
        for count in counts:
            chosen, left = _fill(count, np.diff(start), left)
            rows = [np.arange(start[patient], start[patient + 1]) for patient in chosen]
            together = np.concatenate(rows) if rows else np.zeros(0, dtype=np.intp)
            if len(together) < count:
                raise InputError(
                    f"{self.file}: has {len(self.patient):,} rows that can be used, too few for a "
                    f"phantom of {sum(counts):,} images in three splits by patient"
                )
            casts.append(self._cast(together[:count], rng))
        return casts

    def _cast(self, rows: NDArray[np.intp], rng: np.random.Generator) -> Cast:
        study = _numbered(self.study[rows])
        _, first = np.unique(study, return_index=True)
        view = self.view[rows]
        sideways = np.array([_is_sideways(one) for one in view.tolist()])
        share = sideways.sum() / max(1, np.count_nonzero(view))
        unseen = (view == "") & (rng.random(len(rows)) < share)
        return Cast(
            study,
            _numbered(self.patient[rows])[first],
            view,
            sideways | unseen,
            self.positive[rows],
            self.ids,
        )


def read_label_file(file: Path, faults: Faults) -> LabelFile:
    """Read a table in the form of CXR-LT 2023's `train.csv`; rows that cannot be used are told.

    Raises InputError if the file cannot be read, lacks a column, or has no row that can be used.
    """
    sheet = read_sheet(file, (*_COLUMNS, *LABELS), faults)
    image, patient, study = (sheet.matching(column) for column in _COLUMNS[:3])
    sheet.refuse_duplicates("dicom_id", image)
    positive = sheet.truths(LABELS)
    good = sheet.good()
    if not len(good):
        raise faults.stop(file, "no row can be used: there must be one line an image")
    return _grouped(sheet, patient[good], study[good], positive[good])


def _grouped(
    sheet: Sheet, patient: NDArray[np.str_], study: NDArray[np.str_], positive: NDArray[np.bool_]
) -> LabelFile:
    """The good rows in order; a study id that two patients share is two studies."""
    patients, of_patient = np.unique(patient, return_inverse=True)
    studies, of_study = np.unique(study, return_inverse=True)
    order = np.lexsort((of_study, of_patient))
    pairs = np.stack([of_patient, of_study])[:, order]
    changes = np.concatenate([[False], (pairs[:, 1:] != pairs[:, :-1]).any(axis=0)])
    ids = (*patients.tolist(), *studies.tolist())
    return LabelFile(
        sheet.file,
        of_patient[order],
        np.cumsum(changes),
        sheet.text("ViewPosition")[sheet.good()][order],
        positive[order],
        frozenset(text.lstrip("ps") for text in ids),
    )


def _fill(room: int, sizes: NDArray[np.intp], left: list[int]) -> tuple[list[int], list[int]]:
    """(patients chosen, patients left): the first that fit, and one more if there is room left."""
    chosen: list[int] = []
    passed: list[int] = []
    for at, patient in enumerate(left):
        if not room:
            passed += left[at:]
            break
        if sizes[patient] <= room:
            chosen.append(patient)
            room -= int(sizes[patient])
        else:
            passed.append(patient)
    if room and passed:
        chosen.append(passed.pop(0))
    return chosen, passed


def _is_sideways(view: str) -> bool:
    return view not in FRONTAL_VIEWS and any(word in view.upper().split() for word in _SIDEWAYS)


def _numbered(group: NDArray[np.intp]) -> NDArray[np.intp]:
    """Groups counted from 0 in the order in which they come, equal ones standing together."""
    return np.cumsum(np.concatenate([[False], group[1:] != group[:-1]]))
