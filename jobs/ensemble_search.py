"""Members of an ensemble, picked on half of a split's patients and judged on the other half."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from jobs.choice import Choice, recipe_choices
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.loading import RecipeHoldings
from jobs.picking import aligned_members, choose, split_targets
from jobs.scoring.bootstrap import (
    Interval,
    Resamples,
    few_positives,
    interval,
)
from jobs.scoring.halves import HalfScorer, Halves, split_halves
from jobs.scoring.search import (
    SUBSETS_OF,
    Candidate,
    Progress,
    Weights,
    best_subsets,
    greedy_selection,
)


@dataclass(frozen=True)
class SearchSettings:
    """How to search, and how to judge what was found."""

    split: str = "dev"
    views: str | None = None  # None: as the recipe's ensemble, else `none`
    averaging: str | None = None  # None: as the recipe's ensemble, else `probabilities`
    greedy: bool = False
    steps: int = 20  # of the greedy search
    start: int = 0  # best members that the greedy search starts with
    top: int = 5
    seed: int = 0  # of the halves and of the resamples
    resamples: int = 1000


@dataclass(frozen=True, eq=False)
class Judged:
    """A choice on both halves; the intervals are over the patients of the other one."""

    choice: Choice
    chosen_map: float  # on the half that it was chosen on
    other_map: float
    interval: Interval  # of `other_map`


@dataclass(frozen=True, eq=False)
class Found(Judged):
    """A choice beside the baseline, which is judged on the same halves and resamples."""

    chosen_gain: float
    other_gain: float
    gain_interval: Interval  # of `other_gain`

    @property
    def is_within_noise(self) -> bool:
        """Whether the difference to the baseline on the other half may well be none."""
        return bool(self.gain_interval.includes(0.0))


@dataclass(frozen=True, eq=False)
class SearchReport:
    """What a search found, first what was best on the half that it was chosen on."""

    settings: SearchSettings
    members: tuple[str, ...]
    tried: int  # different ensembles that the best were taken from
    patients: tuple[int, int]  # of the half they were chosen on, and of the other
    undefined: tuple[str, ...]  # labels without positives in a half: the means leave them out
    few_positives: tuple[str, ...]  # labels with positives of few patients in the other half
    baseline_name: str  # the recipe's own ensemble, or the best member alone
    baseline: Judged
    best: tuple[Found, ...]


def search_ensembles(
    holdings: RecipeHoldings,
    names: Sequence[str],
    settings: SearchSettings,
    progress: Progress | None = None,
) -> SearchReport:
    """Search among these members, or all that have predictions of the split.

    The baseline is the recipe's first ensemble with predictions of all its members, else the
    member that is best alone on the half that is chosen on.
    Raises InputError for a name that is no member, predictions that are missing, and more members
    than a search of all subsets takes; DamagedError for a file that was changed.
    """
    table = split_targets(holdings, settings.split)
    members = _members(holdings, names, settings)
    own = _own_ensemble(holdings, settings.split)
    source = members[0] if own is None else own
    pattern = choose(holdings, [source], settings.views, settings.averaging)
    baseline = None if own is None else recipe_choices(holdings.recipe)[own]
    wanted = {*members, *(baseline.weights if baseline else ())}
    aligned = aligned_members(holdings, wanted, table)
    halves, labels = _part(table, settings.seed)
    picking, judging = (HalfScorer(aligned, table, rows, labels) for rows in halves)
    found = _search(picking, pattern, members, settings, progress)
    if own is None or baseline is None:
        alone = [replace(pattern, weights={name: 1.0}) for name in members]
        baseline = max(alone, key=picking.map)
        own = next(iter(baseline.weights))
    choices = [replace(pattern, weights=one.weights) for one in found[: settings.top]]
    judged, best = _judge(picking, judging, baseline, choices, settings, progress)
    few = few_positives(table.targets[halves.other], judging.patient)
    return SearchReport(
        settings=replace(settings, views=pattern.view_rule, averaging=pattern.averaging),
        members=members,
        tried=len(found),
        patients=(len(np.unique(picking.patient)), len(np.unique(judging.patient))),
        undefined=_named(table.labels, ~labels),
        few_positives=_named(table.labels, few & labels),
        baseline_name=own,
        baseline=judged,
        best=best,
    )


def _part(table: ImageTable, seed: int) -> tuple[Halves, NDArray[np.bool_]]:
    """Two halves, and the labels (C,) with positives in both: else means could not be compared."""
    if len(np.unique(table.patient)) < 2:
        raise InputError(f"{table.split} has one patient: a search needs two halves of them")
    halves = split_halves(table.patient, table.targets, seed)
    positives = [table.targets[rows].any(axis=0) for rows in halves]
    labels: NDArray[np.bool_] = np.logical_and.reduce(positives)
    if not labels.any():
        raise InputError(f"no label of {table.split} has positives of two patients")
    return halves, labels


def _search(
    picking: HalfScorer,
    pattern: Choice,
    members: Sequence[str],
    settings: SearchSettings,
    progress: Progress | None,
) -> list[Candidate]:
    def evaluate(weights: Weights) -> float:
        return picking.map(replace(pattern, weights=weights))

    if not settings.greedy:
        return best_subsets(evaluate, members, progress)
    return greedy_selection(evaluate, members, settings.steps, settings.start, progress)


def _judge(
    picking: HalfScorer,
    judging: HalfScorer,
    baseline: Choice,
    choices: Sequence[Choice],
    settings: SearchSettings,
    progress: Progress | None,
) -> tuple[Judged, tuple[Found, ...]]:
    """The baseline and the choices, all in the same resamples: their differences are paired."""
    resamples = Resamples(judging.patient, settings.resamples, settings.seed)
    of_baseline = judging.replicates(baseline, resamples)
    control = Judged(baseline, picking.map(baseline), judging.map(baseline), interval(of_baseline))
    found = []
    for done, choice in enumerate(choices):
        if progress is not None:
            progress(done, len(choices))
        drawn = judging.replicates(choice, resamples)
        chosen_map, other_map = picking.map(choice), judging.map(choice)
        found.append(
            Found(
                choice,
                chosen_map,
                other_map,
                interval(drawn),
                chosen_gain=chosen_map - control.chosen_map,
                other_gain=other_map - control.other_map,
                gain_interval=interval(drawn - of_baseline),
            )
        )
    return control, tuple(found)


def _members(
    holdings: RecipeHoldings, names: Sequence[str], settings: SearchSettings
) -> tuple[str, ...]:
    split = settings.split
    for name in names:
        if "=" in name:
            raise InputError(f"{name!r}: a search finds the weights: name the member alone")
    if names:
        members = tuple(choose(holdings, names, None).weights)
    else:
        have = (name for name in holdings.members if holdings.prediction_set(name, split))
        members = tuple(have)
    if len(members) < 2:
        raise InputError(
            f"members to search among: found {', '.join(members) or 'none'} with predictions of "
            f"{split}, but a search needs two; `cxrtui run-all` makes those of the recipe"
        )
    if len(members) > SUBSETS_OF and not settings.greedy:
        raise InputError(
            f"{len(members)} members are too many to try every subset of them: "
            f"name up to {SUBSETS_OF}, or search with --greedy"
        )
    if settings.start > len(members):
        raise InputError(f"--start {settings.start} is more than there are members")
    return members


def _own_ensemble(holdings: RecipeHoldings, split: str) -> str | None:
    """The recipe's first ensemble of several members that all have predictions of the split."""
    for name, choice in recipe_choices(holdings.recipe).items():
        have = [holdings.prediction_set(member, split) is not None for member in choice.weights]
        if len(have) > 1 and all(have):
            return name
    return None


def _named(labels: Sequence[str], wanted: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(label for label, is_wanted in zip(labels, wanted, strict=True) if is_wanted)
