"""Ensembles: the weighted mean of members' probabilities, and their score at every keystroke."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.data.labels import Group
from jobs.recipe.schema import ViewRule
from jobs.scoring.ap import average_precision, mean_ap
from jobs.scoring.groups import group_means
from jobs.scoring.views import FRONTAL_WEIGHT, StudyGroups

_BLOCK_ROWS = 2048  # a block's float64 sums stay in the processor's cache


@dataclass(frozen=True, eq=False)
class Score:
    """What an ensemble scores on one split."""

    per_label: NDArray[np.float64]  # (C,) AP, NaN where undefined
    map: float
    groups: Mapping[Group, float]  # empty where the training prevalence is unknown


def average_members(
    members: Sequence[NDArray[np.float32]], weights: Sequence[float] | None = None
) -> NDArray[np.float32]:
    """Weighted mean (N, C) of members (N, C), in float64, rounded to float32 once.

    Equal weights by default; only their ratio counts. Raises ValueError for no members, weights
    that are negative, not finite, all zero or not one a member, and shapes that differ.
    """
    shares = _shares(len(members), weights)
    shape = members[0].shape
    if any(member.shape != shape for member in members):
        raise ValueError(f"members differ in shape: {[member.shape for member in members]}")
    average = np.empty(shape, dtype=np.float32)
    for start in range(0, shape[0], _BLOCK_ROWS):
        block = slice(start, start + _BLOCK_ROWS)
        total = np.zeros(members[0][block].shape)
        for member, share in zip(members, shares, strict=True):
            total += member[block] * np.float64(share)
        average[block] = total
    return average


class EnsembleScorer:
    """Scores any weights of the same members on one split; its rows are grouped once."""

    def __init__(
        self,
        members: Mapping[str, NDArray[np.float32]],
        targets: NDArray[np.bool_],
        studies: StudyGroups,
        label_groups: Sequence[Group] | None = None,
    ) -> None:
        """Members (N, C) by name, all in the row order of `targets` (N, C) and of `studies`."""
        # Sorted, so that the order in which members were picked cannot change a last bit.
        self._members = {name: members[name] for name in sorted(members)}
        self._targets = np.asfortranarray(targets)  # scored label by label
        self._studies = studies
        self._label_groups = label_groups

    @property
    def members(self) -> tuple[str, ...]:
        """Names that can be weighted, sorted."""
        return tuple(self._members)

    def probabilities(
        self,
        weights: Mapping[str, float],
        view_rule: ViewRule = "none",
        frontal_weight: float = FRONTAL_WEIGHT,
    ) -> NDArray[np.float32]:
        """(N, C): the members averaged, then the view rule, as on the poster.

        Members that `weights` leaves out or gives zero do not take part. Raises KeyError for an
        unknown member, ValueError if none takes part.
        """
        unknown = sorted(set(weights) - set(self._members))
        if unknown:
            raise KeyError(unknown[0])
        chosen = [name for name in self._members if weights.get(name, 0.0) != 0]
        average = average_members(
            [self._members[name] for name in chosen], [weights[name] for name in chosen]
        )
        return self._studies.apply(view_rule, average, frontal_weight)

    def score(
        self,
        weights: Mapping[str, float],
        view_rule: ViewRule = "none",
        frontal_weight: float = FRONTAL_WEIGHT,
    ) -> Score:
        """Per-label AP, mAP and group means; raises as `probabilities` does."""
        scores = self.probabilities(weights, view_rule, frontal_weight)
        per_label = average_precision(scores, self._targets)
        groups = group_means(per_label, self._label_groups) if self._label_groups else {}
        return Score(per_label, mean_ap(per_label), groups)


def _shares(members: int, weights: Sequence[float] | None) -> NDArray[np.float64]:
    if not members:
        raise ValueError("an ensemble needs at least one member")
    shares = np.ones(members) if weights is None else np.asarray(weights, dtype=np.float64)
    if shares.shape != (members,):
        raise ValueError(f"{members} members, but {shares.size} weights")
    if not np.isfinite(shares).all() or (shares < 0).any() or not shares.any():
        raise ValueError(f"weights must be finite, not negative and not all zero: {weights}")
    normalised: NDArray[np.float64] = shares / shares.sum()
    return normalised
