"""A keystroke in the ensemble screen: a member is toggled and the ensemble scored anew."""

import time
import tracemalloc
from functools import partial
from typing import Any, get_args

import numpy as np
from made_split import MadeSplit, make_split, timed

from jobs.data.labels import PREVALENCE
from jobs.recipe.schema import Averaging, ViewRule
from jobs.scoring import EnsembleScorer
from jobs.scoring.groups import label_groups

MEMBERS = 8


def keystroke_figures(images: int, times: int) -> dict[str, dict[str, Any]]:
    """By averaging and view rule: the first use, then `times` toggles of a random member."""
    scorer = make_scorer(make_split(images))
    generator = np.random.default_rng(2)
    weights = dict.fromkeys(scorer.members, 1.0)

    def press(rule: ViewRule, averaging: Averaging) -> None:
        name = scorer.members[generator.integers(1, MEMBERS)]  # the first one always stays
        weights[name] = 1.0 - weights[name]
        scorer.score(weights, rule, averaging=averaging)

    found: dict[str, dict[str, Any]] = {}
    for averaging in get_args(Averaging):
        start = time.perf_counter()
        scorer.score(dict.fromkeys(scorer.members, 1.0), averaging=averaging)
        found[averaging] = {"first_use_ms": round((time.perf_counter() - start) * 1000, 1)}
        for rule in get_args(ViewRule):
            found[averaging][rule] = timed(partial(press, rule, averaging), times)
    return found


def memory_figures(images: int) -> dict[str, float]:
    """MB that a scorer holds once made, and after the first use of each averaging, added up."""
    split = make_split(images)
    tracemalloc.start()
    scorer = make_scorer(split)
    found = {"made": _held()}
    for averaging in get_args(Averaging):
        scorer.score(dict.fromkeys(scorer.members, 1.0), "study-mean", averaging=averaging)
        found[averaging] = _held()
    tracemalloc.stop()
    return found


def make_scorer(split: MadeSplit) -> EnsembleScorer:
    """A scorer of eight members; what they were made from is let go."""
    members = {f"model{number}": split.scores(number) for number in range(MEMBERS)}
    train = label_groups([round(100_000 * share) for share in PREVALENCE.values()], 100_000)
    return EnsembleScorer(members, split.targets, split.groups, train)


def _held() -> float:
    return round(tracemalloc.get_traced_memory()[0] / 1e6, 1)
