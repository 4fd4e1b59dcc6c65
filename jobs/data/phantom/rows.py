"""The rows of a phantom: ids for its cast, and what of the labels is drawn."""

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.faults import Faults
from jobs.data.labels import LABELS
from jobs.data.phantom.cast import Cast
from jobs.data.phantom.drawn_cast import draw_cast
from jobs.data.phantom.file_cast import read_label_file
from jobs.data.phantom.identity import phantom_key
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.recipe.schema import PhantomSettings

SPLITS: Final = ("train", "dev", "test")
MISSED_SHARE: Final = 0.04  # label noise: positives that show no sign
SPURIOUS_SHARE: Final = 0.04  # and signs without the label, relative to the positives

# Ids look like those of MIMIC-CXR, whose patients are numbered from 10 and studies from 50
# million, and are never one of them.
FIRST_PATIENT: Final = 20_000_000
FIRST_STUDY: Final = 60_000_000
_NUMBERS: Final = 3_000_000  # for each split


@dataclass(frozen=True, eq=False)
class PhantomRows:
    """The table that the CSV shows, and what of it is drawn (label noise lies between)."""

    table: ImageTable
    lateral: NDArray[np.bool_]  # (N,) also where the view is missing from the table
    shown: NDArray[np.bool_]  # (N, C)


def phantom_rows(settings: PhantomSettings, faults: Faults) -> dict[str, PhantomRows]:
    """The rows of all splits by name; the same for the same settings, everywhere.

    Rows of a label file that cannot be used are told to `faults`. Raises InputError if the file
    or the floor asks for what cannot be.
    """
    if settings.labels_file is None:
        return {split: draw_rows(settings, split) for split in SPLITS}
    if settings.floor or settings.least_share:
        raise InputError(
            f"{settings.labels_file}: a label file's rows are taken as they are: "
            "leave out floor and least_share"
        )
    rng = np.random.default_rng([settings.seed, len(SPLITS)])
    casts = read_label_file(Path(settings.labels_file), faults).casts(_counts(settings), rng)
    return {
        split: _rows(settings, split, cast, rng) for split, cast in zip(SPLITS, casts, strict=True)
    }


def draw_rows(settings: PhantomSettings, split: str) -> PhantomRows:
    """The rows of `split` (train, dev, test) without a label file. Raises InputError."""
    number = SPLITS.index(split)
    rng = np.random.default_rng([settings.seed, number])
    cast = draw_cast(rng, _counts(settings)[number], settings.least_share, settings.floor, split)
    return _rows(settings, split, cast, rng)


def _counts(settings: PhantomSettings) -> tuple[int, int, int]:
    return settings.train_images, settings.development_images, settings.test_images


def _rows(
    settings: PhantomSettings, split: str, cast: Cast, rng: np.random.Generator
) -> PhantomRows:
    return PhantomRows(_table(settings, split, cast), cast.lateral, _shown(rng, cast))


def _shown(rng: np.random.Generator, cast: Cast) -> NDArray[np.bool_]:
    """What is drawn (N, C): in a few studies a positive shows nothing, or a negative its sign."""
    chance = rng.random((len(cast.patient_of_study), len(LABELS)))[cast.study]
    spurious = SPURIOUS_SHARE * cast.positive.mean(axis=0)
    shown: NDArray[np.bool_] = np.where(cast.positive, chance >= MISSED_SHARE, chance < spurious)
    return shown


def _table(settings: PhantomSettings, split: str, cast: Cast) -> ImageTable:
    """The cast with ids, which no other phantom has: data sets are told apart by them."""
    number = SPLITS.index(split)
    rng = np.random.default_rng([int(phantom_key(settings), 16), number])
    patients, studies = int(cast.patient_of_study[-1]) + 1, len(cast.patient_of_study)
    patient = _ids(rng, patients, FIRST_PATIENT + number, cast.taken)[cast.patient_of_study]
    study = _ids(rng, studies, FIRST_STUDY + number, cast.taken)[cast.study]
    words = rng.integers(0, 1 << 32, size=(len(cast.study), 5))
    image = ["-".join(f"{word:08x}" for word in row) for row in words.tolist()]
    path = [
        f"files/p{one[:2]}/p{one}/s{exam}/{name}.jpg"
        for one, exam, name in zip(patient[cast.study], study, image, strict=True)
    ]
    return ImageTable(
        split,
        LABELS,
        np.array(image),
        study,
        patient[cast.study],
        cast.view,
        np.array(path),
        cast.positive,
    )


def _ids(
    rng: np.random.Generator, count: int, first: int, taken: frozenset[str]
) -> NDArray[np.str_]:
    """`count` different ids that are not taken; splits take other remainders, so never share."""
    drawn = rng.choice(_NUMBERS, min(_NUMBERS, count + len(taken)), replace=False)
    texts = map(str, (first + len(SPLITS) * drawn).tolist())
    return np.array(list(islice((text for text in texts if text not in taken), count)))
