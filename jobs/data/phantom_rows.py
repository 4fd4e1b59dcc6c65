"""Who is in the phantom: patients, studies, views and labels, without any picture."""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.labels import LABELS, PREVALENCE
from jobs.data.table import ImageTable
from jobs.recipe.schema import PhantomSettings

SPLITS: Final = ("train", "dev", "test")

# Findings that share a cause and so tend to come together.
CLUSTERS: Final[tuple[tuple[str, ...], ...]] = (
    ("Cardiomegaly", "Edema", "Pleural Effusion", "Enlarged Cardiomediastinum"),
    ("Pneumonia", "Consolidation", "Lung Opacity", "Infiltration", "Atelectasis"),
    ("Calcification of the Aorta", "Tortuous Aorta"),
    ("Pneumothorax", "Subcutaneous Emphysema", "Pneumomediastinum", "Pneumoperitoneum"),
    ("Emphysema", "Fibrosis", "Pleural Thickening", "Pleural Other"),
    ("Nodule", "Mass", "Lung Lesion"),
)
CLUSTER_SHARE: Final = 0.25  # of the variance of a label's liability
PATIENT_SHARE: Final = 0.25  # studies of a patient are alike
IMAGES_A_STUDY: Final = (0.25, 0.40, 0.35)  # one, two, three
STUDIES_A_PATIENT: Final = (0.55, 0.30, 0.15)
LATERAL_SHARE: Final = 0.15  # of the images after a study's first
MISSING_VIEW_SHARE: Final = 0.03
MISSED_SHARE: Final = 0.04  # label noise: positives that show no sign
SPURIOUS_SHARE: Final = 0.04  # and signs without the label, relative to the positives

_NO_FINDING: Final = LABELS.index("No Finding")
_DEVICES: Final = LABELS.index("Support Devices")


@dataclass(frozen=True, eq=False)
class PhantomRows:
    """The table that the CSV shows, and what of it is drawn (label noise lies between)."""

    table: ImageTable
    lateral: NDArray[np.bool_]  # (N,) also where the view is missing from the table
    shown: NDArray[np.bool_]  # (N, C)


def draw_rows(settings: PhantomSettings, split: str) -> PhantomRows:
    """The rows of `split` (train, dev, test); the same for the same settings, everywhere."""
    counts = (settings.train_images, settings.development_images, settings.test_images)
    number = SPLITS.index(split)
    rng = np.random.default_rng([settings.seed, number])
    study = _groups(rng, counts[number], IMAGES_A_STUDY)
    patient_of_study = _groups(rng, int(study[-1]) + 1, STUDIES_A_PATIENT)
    positive = _draw_labels(rng, patient_of_study, settings.floor)
    shown = _noisy(rng, positive)
    lateral, view = _draw_views(rng, study)
    table = _table(rng, number, study, patient_of_study, view, positive[study])
    return PhantomRows(table, lateral, shown[study])


def _groups(rng: np.random.Generator, members: int, sizes: tuple[float, ...]) -> NDArray[np.intp]:
    """Group number (members,) of each member; groups have 1, 2, ... members by `sizes`."""
    drawn = rng.choice(len(sizes), size=members, p=sizes) + 1
    return np.repeat(np.arange(members), drawn)[:members]


def _draw_labels(
    rng: np.random.Generator, patient: NDArray[np.intp], floor: float
) -> NDArray[np.bool_]:
    """Labels (studies, C): each has its share of the studies, at least one, by a Gaussian copula.

    "No Finding" comes alone or with "Support Devices" only.
    """
    studies = len(patient)
    liability = _liability(rng, patient)
    shares = np.maximum([PREVALENCE[label] for label in LABELS], floor)
    wanted = np.maximum(1, np.rint(shares * studies)).astype(int)
    positive = np.zeros((studies, len(LABELS)), dtype=bool)
    positive[np.argsort(liability[:, _NO_FINDING])[: wanted[_NO_FINDING]], _NO_FINDING] = True
    healthy = positive[:, _NO_FINDING]
    barred = np.where(healthy, np.inf, 0.0)
    rarer = np.where(healthy, NormalDist().inv_cdf(0.8), 0.0)
    for label in range(len(LABELS)):
        if label != _NO_FINDING:
            rank = liability[:, label] + (rarer if label == _DEVICES else barred)
            chosen = np.argsort(rank)[: wanted[label]]
            positive[chosen[np.isfinite(rank[chosen])], label] = True
    return positive


def _liability(rng: np.random.Generator, patient: NDArray[np.intp]) -> NDArray[np.float64]:
    """Standard normal (studies, C), correlated within a cluster and within a patient."""
    studies, patients = len(patient), int(patient[-1]) + 1
    own = rng.standard_normal((studies, len(LABELS)))
    constitution = rng.standard_normal((patients, len(LABELS)))[patient]
    causes = rng.standard_normal((studies, len(CLUSTERS)))
    cluster = {label: number for number, labels in enumerate(CLUSTERS) for label in labels}
    shared = np.zeros_like(own)
    for column, label in enumerate(LABELS):
        in_cluster = label in cluster
        shared[:, column] = (
            causes[:, cluster[label]] if in_cluster else rng.standard_normal(studies)
        )
    rest = 1 - CLUSTER_SHARE - PATIENT_SHARE
    parts = zip((CLUSTER_SHARE, PATIENT_SHARE, rest), (shared, constitution, own), strict=True)
    liability: NDArray[np.float64] = sum(
        (np.sqrt(share) * part for share, part in parts), np.zeros_like(own)
    )
    return liability


def _noisy(rng: np.random.Generator, positive: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What is drawn: a few positives show nothing, a few negatives show the sign."""
    chance = rng.random(positive.shape)
    spurious = SPURIOUS_SHARE * positive.mean(axis=0)
    shown: NDArray[np.bool_] = np.where(positive, chance >= MISSED_SHARE, chance < spurious)
    return shown


def _draw_views(
    rng: np.random.Generator, study: NDArray[np.intp]
) -> tuple[NDArray[np.bool_], NDArray[np.str_]]:
    """(is lateral, ViewPosition); a study's first image is frontal, all its frontal ones alike."""
    images = len(study)
    first = np.concatenate([[True], study[1:] != study[:-1]])
    lateral = ~first & (rng.random(images) < LATERAL_SHARE)
    upright = (rng.random(int(study[-1]) + 1) < 0.5)[study]
    view = np.where(lateral, "LATERAL", np.where(upright, "PA", "AP"))
    return lateral, np.where(rng.random(images) < MISSING_VIEW_SHARE, "", view)


def _table(
    rng: np.random.Generator,
    number: int,
    study: NDArray[np.intp],
    patient_of_study: NDArray[np.intp],
    view: NDArray[np.str_],
    targets: NDArray[np.bool_],
) -> ImageTable:
    """Ids in the form of MIMIC-CXR; splits take numbers of different remainder, so never share."""
    studies, patients = len(patient_of_study), int(patient_of_study[-1]) + 1
    step = len(SPLITS)
    subject = 10_000_000 + step * rng.choice(3_000_000, patients, replace=False) + number
    study_number = 50_000_000 + step * rng.choice(3_000_000, studies, replace=False) + number
    words = rng.integers(0, 1 << 32, size=(len(study), 5))
    image = ["-".join(f"{word:08x}" for word in row) for row in words.tolist()]
    patient_text = subject[patient_of_study][study].astype(str)
    study_text = study_number[study].astype(str)
    path = [
        f"files/p{patient[:2]}/p{patient}/s{exam}/{name}.jpg"
        for patient, exam, name in zip(patient_text, study_text, image, strict=True)
    ]
    return ImageTable(
        SPLITS[number],
        LABELS,
        np.array(image),
        study_text,
        patient_text,
        view,
        np.array(path),
        targets,
    )
