"""Head, medium and tail: labels by how often they occur in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from jobs.scoring.ap import mean_ap

if TYPE_CHECKING:  # pydantic would take half of the start-up
    from jobs.data.labels import Group

GROUPS: Final[tuple[Group, ...]] = ("head", "medium", "tail")


def label_groups(positives: ArrayLike, images: int) -> tuple[Group, ...]:
    """Group of each label: head above 10 %, medium 1 to 10 %, tail below 1 % (CXR-LT 2024).

    `positives` are the training counts (C,) or the training targets (images, C) themselves.
    Raises ValueError if there are no images.
    """
    from jobs.data.labels import group_of

    if images < 1:
        raise ValueError("label groups need at least one training image")
    counts = np.asarray(positives)
    if counts.ndim == 2:
        counts = counts.sum(axis=0)
    return tuple(group_of(int(count) / images) for count in counts)


def group_means(per_label: NDArray[np.float64], groups: Sequence[Group]) -> Mapping[Group, float]:
    """Mean AP of each group's labels that have one; NaN for a group without any."""
    names = np.array(groups, dtype=np.str_)
    return {name: mean_ap(per_label[names == name]) for name in GROUPS}
