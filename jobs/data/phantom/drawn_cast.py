"""A cast by dice: patients, studies and views, and labels of the published prevalences."""

from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.labels import LABELS, PREVALENCE
from jobs.data.phantom.cast import Cast, first_of_each
from jobs.errors import InputError

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

_NO_FINDING: Final = LABELS.index("No Finding")
_DEVICES: Final = LABELS.index("Support Devices")


def draw_cast(
    rng: np.random.Generator, images: int, least_share: float, floor: int, split: str
) -> Cast:
    """`images` images; each label is positive in its share of the studies, `least_share` at least.

    It has at least one positive study and at least `floor` positive images. Raises InputError,
    naming `split`, where that cannot be.
    """
    study = _groups(rng, images, IMAGES_A_STUDY)
    patient_of_study = _groups(rng, int(study[-1]) + 1, STUDIES_A_PATIENT)
    wanted = np.maximum([PREVALENCE[label] for label in LABELS], least_share)
    images_of_study = np.bincount(study)
    liability = _liability(rng, patient_of_study)
    positive = _choose(liability, wanted, images_of_study, floor)
    short = np.flatnonzero(images_of_study @ positive < floor)
    if len(short):
        raise InputError(
            f"floor {floor}: {images:,} {split} images cannot hold so many positives of "
            f"{LABELS[short[0]]!r}: draw more {split} images, or lower the floor"
        )
    view, lateral = _draw_views(rng, study)
    return Cast(study, patient_of_study, view, lateral, positive[study])


def _groups(rng: np.random.Generator, members: int, sizes: tuple[float, ...]) -> NDArray[np.intp]:
    """Group number (members,) of each member; groups have 1, 2, ... members by `sizes`."""
    drawn = rng.choice(len(sizes), size=members, p=sizes) + 1
    return np.repeat(np.arange(members), drawn)[:members]


def _choose(
    liability: NDArray[np.float64],
    shares: NDArray[np.float64],
    images: NDArray[np.intp],
    floor: int,
) -> NDArray[np.bool_]:
    """Labels (studies, C): of each label the studies of least liability, by a Gaussian copula.

    "No Finding" comes alone or with "Support Devices" only. A label has fewer positives than
    wanted where there are not enough studies for it.
    """
    wanted = np.maximum(1, np.rint(shares * len(liability))).astype(int)
    positive = np.zeros(liability.shape, dtype=bool)
    healthy = positive[:, _NO_FINDING]  # a view: it is filled in first
    for label in (_NO_FINDING, *(one for one in range(len(LABELS)) if one != _NO_FINDING)):
        rank = liability[:, label].copy()
        rank[healthy] += NormalDist().inv_cdf(0.8) if label == _DEVICES else np.inf
        order = np.argsort(rank)[: int(np.isfinite(rank).sum())]
        for_floor = int(np.searchsorted(np.cumsum(images[order]), floor)) + 1 if floor else 0
        positive[order[: max(wanted[label], for_floor)], label] = True
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


def _draw_views(
    rng: np.random.Generator, study: NDArray[np.intp]
) -> tuple[NDArray[np.str_], NDArray[np.bool_]]:
    """(ViewPosition, is lateral); a study's first image is frontal, all its frontal ones alike."""
    images = len(study)
    follows = np.ones(images, dtype=bool)
    follows[first_of_each(study)] = False
    lateral = follows & (rng.random(images) < LATERAL_SHARE)
    upright = (rng.random(int(study[-1]) + 1) < 0.5)[study]
    view = np.where(lateral, "LATERAL", np.where(upright, "PA", "AP"))
    return np.where(rng.random(images) < MISSING_VIEW_SHARE, "", view), lateral
