"""Ensembles: the weighted mean of members, and what it scores at every keystroke."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from jobs.scoring.ap import label_ap, mean_ap
from jobs.scoring.averaging import Form, Scores, form, weighted_mean
from jobs.scoring.groups import group_means
from jobs.scoring.threads import each_label
from jobs.scoring.views import FRONTAL_WEIGHT, StudyGroups

if TYPE_CHECKING:  # pydantic would take half of the start-up
    from jobs.data.labels import Group
    from jobs.recipe.schema import Averaging, ViewRule


@dataclass(frozen=True, eq=False)
class Score:
    """What an ensemble scores on one split."""

    per_label: NDArray[np.float64]  # (C,) AP, NaN where undefined
    map: float
    groups: Mapping[Group, float]  # empty where the training prevalence is unknown


def average_members(
    members: Sequence[NDArray[np.float32]],
    weights: Sequence[float] | None = None,
    averaging: Averaging = "probabilities",
) -> NDArray[np.float32]:
    """Weighted mean (N, C) of members (N, C), summed in float64, rounded to float32 once.

    `averaging` says what is averaged: `probabilities` themselves; their `logits`, and back through
    the sigmoid; or `ranks` within the label's N images, divided by N (see `averaging.form`).
    Equal weights by default; only their ratio counts. Raises ValueError for no members, weights
    that are negative, not finite, all zero or not one a member, and shapes that differ.
    """
    shares = _shares(len(members), weights)
    shape = members[0].shape
    if any(member.shape != shape for member in members):
        raise ValueError(f"members differ in shape: {[member.shape for member in members]}")

    def average(label: int) -> Scores:
        forms = [form(averaging, np.ascontiguousarray(member[:, label])) for member in members]
        return weighted_mean(averaging, forms, shares)

    return _columns(each_label(average, shape[1], shape[0]), shape[0])


def _always() -> None:
    """Nothing ends it."""


class EnsembleScorer:
    """Scores any weights of the same members on one split, at every keystroke.

    Kept between keystrokes: the members label by label, the rows of each label's positives, the
    studies, and the members' logits or ranks once they were asked for. Nothing kept depends on
    what was scored before, and members are summed in the order of their names: the same choice
    gives the same bits, in whichever order it was picked.

    What scores calls `go_on` before each label of each member or mean; what that raises ends it,
    and whoever asks again finds what was kept until then.
    """

    def __init__(
        self,
        members: Mapping[str, NDArray[np.float32]],
        targets: NDArray[np.bool_],
        studies: StudyGroups,
        label_groups: Sequence[Group] | None = None,
    ) -> None:
        """Members (N, C) by name, all in the row order of `targets` (N, C) and of `studies`.

        Raises ValueError for other shapes, and for a member with a NaN or infinity.
        """
        self._images, self._labels = targets.shape
        if studies.images != self._images:
            raise ValueError(f"{self._images} rows, but {studies.images} images are grouped")
        for name, member in members.items():
            if member.shape != targets.shape:
                raise ValueError(f"{name} is {member.shape}, but targets are {targets.shape}")
            if not np.isfinite(member).all():
                raise ValueError(f"{name} has a score that is NaN or infinite")
        self._members: dict[str, Sequence[Scores]] = {
            name: list(np.ascontiguousarray(members[name].T)) for name in sorted(members)
        }
        self._positives = [np.flatnonzero(label) for label in targets.T]
        self._studies = studies
        self._label_groups = label_groups
        self._forms: dict[tuple[Averaging, str, int], Form] = {}

    @property
    def members(self) -> tuple[str, ...]:
        """Names that can be weighted, sorted."""
        return tuple(self._members)

    def probabilities(
        self,
        weights: Mapping[str, float],
        view_rule: ViewRule = "none",
        frontal_weight: float = FRONTAL_WEIGHT,
        averaging: Averaging = "probabilities",
        go_on: Callable[[], None] = _always,
    ) -> NDArray[np.float32]:
        """(N, C): the members averaged, then the view rule, as on the poster.

        See `average_members` and `StudyGroups`. Members that `weights` leaves out or gives zero do
        not take part. Raises KeyError for an unknown member, ValueError if none takes part.
        """
        scores = self._scores(weights, view_rule, frontal_weight, averaging, go_on)
        return _columns(each_label(scores, self._labels, self._images), self._images)

    def score(
        self,
        weights: Mapping[str, float],
        view_rule: ViewRule = "none",
        frontal_weight: float = FRONTAL_WEIGHT,
        averaging: Averaging = "probabilities",
        go_on: Callable[[], None] = _always,
    ) -> Score:
        """Per-label AP, mAP and group means; raises as `probabilities` does."""
        scores = self._scores(weights, view_rule, frontal_weight, averaging, go_on)

        def ap(label: int) -> float:
            return label_ap(scores(label), self._positives[label])

        # A label at a time, so that what is averaged is scored while the processor still has it.
        per_label = np.array(each_label(ap, self._labels, self._images), dtype=np.float64)
        groups = group_means(per_label, self._label_groups) if self._label_groups else {}
        return Score(per_label, mean_ap(per_label), groups)

    def _scores(
        self,
        weights: Mapping[str, float],
        view_rule: ViewRule,
        frontal_weight: float,
        averaging: Averaging,
        go_on: Callable[[], None],
    ) -> Callable[[int], Scores]:
        """What gives a label's scores (N,) by its number."""
        unknown = sorted(set(weights) - set(self._members))
        if unknown:
            raise KeyError(unknown[0])
        chosen = [name for name in self._members if weights.get(name, 0.0) != 0]
        shares = _shares(len(chosen), [weights[name] for name in chosen])
        given = self._studies.rule(view_rule, frontal_weight)

        def scores(label: int) -> Scores:
            go_on()
            forms = [self._form(averaging, name, label, go_on) for name in chosen]
            return given(weighted_mean(averaging, forms, shares))

        return scores

    def _form(self, averaging: Averaging, name: str, label: int, go_on: Callable[[], None]) -> Form:
        """A member's form of a label; kept, since ranks and logits take long."""
        scores = self._members[name][label]
        if averaging == "probabilities":
            return scores
        if (averaging, name, label) not in self._forms:
            go_on()
            self._forms[averaging, name, label] = form(averaging, scores)
        return self._forms[averaging, name, label]


def _columns(labels: Sequence[Scores], images: int) -> NDArray[np.float32]:
    """(N, C) of C labels' (N,); each label's scores stay side by side in memory."""
    return np.array(labels, dtype=np.float32).reshape(len(labels), images).T


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
