"""Search for the members of an ensemble: every subset, or greedily with replacement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import gcd
from typing import Final

Weights = dict[str, float]
Evaluate = Callable[[Weights], float]  # mAP of these weights; must not be NaN
Progress = Callable[[int, int], None]  # (evaluated, at most to be evaluated)

SUBSETS_OF: Final = 8  # members, up to which every subset is tried: 255 of them


@dataclass(frozen=True)
class Candidate:
    """Members with weights, and the mAP of the images that they are chosen on."""

    weights: Weights
    map: float


def best_subsets(
    evaluate: Evaluate, members: Sequence[str], progress: Progress | None = None
) -> list[Candidate]:
    """All subsets with equal weights, the best first; of equals the one with fewer members.

    Raises ValueError for more than SUBSETS_OF members, or none.
    """
    if not 1 <= len(members) <= SUBSETS_OF:
        raise ValueError(f"{len(members)} members: subsets are tried of 1 to {SUBSETS_OF}")
    names = sorted(members)
    subsets = [chosen for size in range(len(names)) for chosen in combinations(names, size + 1)]
    counted = _Counted(evaluate, len(subsets), progress)
    found = [Candidate(weights, counted(weights)) for weights in map(_equal, subsets)]
    return sorted(found, key=lambda one: -one.map)


def greedy_selection(
    evaluate: Evaluate,
    members: Sequence[str],
    steps: int = 20,
    start: int = 0,
    progress: Progress | None = None,
) -> list[Candidate]:
    """What forward selection with replacement passed through, the best first.

    Caruana et al., Ensemble Selection from Libraries of Models (2004): in each of `steps` the
    member is added, again if need be, that makes the mean best; a weight is how often a member
    was taken. With `start` it begins with that many best members, taken once (their sorted
    initialization). Of equals the first by name is taken, and the smaller ensemble is better.
    Weights of one ratio are one ensemble. Raises ValueError for no members, or no step.
    """
    if not members or steps < 1 or not 0 <= start <= len(members):
        raise ValueError(f"{len(members)} members, {steps} steps, {start} to start with")
    names = sorted(members)
    counted = _Counted(evaluate, len(names) * (steps + bool(start)), progress)
    taken: Weights = {}
    found: dict[tuple[tuple[str, float], ...], Candidate] = {}
    if start:
        alone = {name: counted({name: 1.0}) for name in names}
        taken = _equal(sorted(names, key=lambda name: -alone[name])[:start])
        found[_ratio(taken)] = Candidate(taken, counted(taken))
    for _ in range(steps):
        tried = [_with_one_more(taken, name) for name in names]
        best = max((Candidate(weights, counted(weights)) for weights in tried), key=_map)
        taken = best.weights
        found.setdefault(_ratio(taken), best)
    return sorted(found.values(), key=lambda one: -one.map)


class _Counted:
    """Evaluates, remembers by the ratio of the weights, and tells how far it is."""

    def __init__(self, evaluate: Evaluate, total: int, progress: Progress | None) -> None:
        self._evaluate, self._total, self._progress = evaluate, total, progress
        self._known: dict[tuple[tuple[str, float], ...], float] = {}
        self._done = 0

    def __call__(self, weights: Weights) -> float:
        ratio = _ratio(weights)
        if ratio not in self._known:
            self._known[ratio] = self._evaluate(weights)
        self._done += 1
        if self._progress is not None:
            self._progress(min(self._done, self._total), self._total)
        return self._known[ratio]


def _ratio(weights: Weights) -> tuple[tuple[str, float], ...]:
    """The same for weights that differ by a factor only; the weights are whole numbers."""
    factor = gcd(*(int(weight) for weight in weights.values()))
    return tuple(sorted((name, weight / factor) for name, weight in weights.items()))


def _with_one_more(taken: Weights, name: str) -> Weights:
    return dict(sorted({**taken, name: taken.get(name, 0.0) + 1.0}.items()))


def _equal(members: Sequence[str]) -> Weights:
    return dict.fromkeys(sorted(members), 1.0)


def _map(candidate: Candidate) -> float:
    return candidate.map
