"""Who is in one split of a phantom before anybody has an id: patients, studies, views, labels."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Cast:
    """N images of S studies, those of a study and of a patient standing together."""

    study: NDArray[np.intp]  # (N,) number of the study, from 0, never falling
    patient_of_study: NDArray[np.intp]  # (S,) number of the patient, from 0, never falling
    view: NDArray[np.str_]  # (N,) "PA", "AP", "LATERAL", ...; "" where it is missing
    lateral: NDArray[np.bool_]  # (N,) also where the view is missing
    positive: NDArray[np.bool_]  # (N, C) in the order of LABELS
    taken: frozenset[str] = frozenset()  # ids of patients and studies that nobody may get


def first_of_each(group: NDArray[np.intp]) -> NDArray[np.intp]:
    """Where each group starts in (N,) group numbers of which equal ones stand together."""
    return np.flatnonzero(np.concatenate([[True], group[1:] != group[:-1]]))
