"""How quick scoring is: `python benchmarks/scores.py` prints one JSON document.

The average precision of one split is timed beside other libraries, and then a keystroke in the
ensemble screen: a member is toggled, members are averaged, the view rule applied, all scored.
"""

import argparse
import importlib
import importlib.util
import json
import platform
import statistics
import time
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from jobs.data.labels import PREVALENCE
from jobs.recipe.schema import ViewRule
from jobs.scoring.ap import average_precision
from jobs.scoring.ensembles import EnsembleScorer
from jobs.scoring.views import StudyGroups

MEMBERS = 8


def main() -> None:
    """Time everything on the same made-up split and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=36_769, help="of the split")
    parser.add_argument("--keystrokes", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=20, help="of a whole scoring")
    chosen = parser.parse_args()
    generator = np.random.default_rng(0)
    targets = generator.random((chosen.images, len(PREVALENCE))) < list(PREVALENCE.values())
    members = {f"model{number}": _scores(generator, targets) for number in range(MEMBERS)}
    first = members["model0"]
    found = {
        "images": chosen.images,
        "labels": len(PREVALENCE),
        "numpy": np.__version__,
        "machine": platform.machine(),
        "ours": timed(lambda: average_precision(first, targets), chosen.repeats),
        "scikit_learn": timed(lambda: scikit_learn(first, targets), chosen.repeats // 4 or 1),
        "torchmetrics": torchmetrics(first, targets, chosen.repeats // 4 or 1),
        "largest_difference": float(
            np.abs(average_precision(first, targets) - scikit_learn(first, targets)).max()
        ),
    }
    found["times_scikit_learn"] = round(
        found["scikit_learn"]["median_ms"] / found["ours"]["median_ms"], 1
    )
    found["keystroke"] = keystrokes(members, targets, chosen.keystrokes)
    print(json.dumps(found, indent=1))


def timed(action: Callable[[], object], repeats: int) -> dict[str, float]:
    """Milliseconds: the median, the 99th percentile and the least of `repeats` calls."""
    action()
    taken = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        taken.append((time.perf_counter() - start) * 1000)
    return {
        "median_ms": round(statistics.median(taken), 2),
        "p99_ms": round(float(np.percentile(taken, 99)), 2),
        "least_ms": round(min(taken), 2),
    }


def scikit_learn(scores: NDArray[np.float32], targets: NDArray[np.bool_]) -> NDArray[np.float64]:
    """AP (C,) label by label, as the shared task computes it."""
    pairs = zip(scores.T, targets.T, strict=True)
    return np.array([average_precision_score(own, score) for score, own in pairs])


def torchmetrics(
    scores: NDArray[np.float32], targets: NDArray[np.bool_], repeats: int
) -> dict[str, float] | None:
    """The same by torchmetrics; None where it is not installed."""
    if importlib.util.find_spec("torchmetrics") is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch: Any = importlib.import_module("torch")
        functional: Any = importlib.import_module("torchmetrics.functional.classification")
        own, whole = torch.from_numpy(scores), torch.from_numpy(targets.astype(np.int64))
        score = functional.multilabel_average_precision
        return timed(lambda: score(own, whole, targets.shape[1], average="none"), repeats)


def keystrokes(
    members: dict[str, NDArray[np.float32]], targets: NDArray[np.bool_], times: int
) -> dict[str, dict[str, float]]:
    """One keystroke by view rule: each toggles a member and scores the ensemble anew."""
    generator = np.random.default_rng(1)
    images = len(targets)
    study = np.sort(generator.integers(0, round(images * 0.6), images)).astype(np.str_)
    view = generator.choice(["PA", "AP", "LATERAL", ""], images, p=[0.26, 0.39, 0.3, 0.05])
    scorer = EnsembleScorer(members, targets, StudyGroups(study, view))
    toggles = iter(generator.integers(1, len(members), 3 * (times + 1)).tolist())
    weights = dict.fromkeys(members, 1.0)

    def press(rule: ViewRule) -> None:
        name = f"model{next(toggles)}"
        weights[name] = 1.0 - weights[name]
        scorer.score(weights, rule)

    return {rule: timed(partial(press, rule), times) for rule in get_args(ViewRule)}


def _scores(generator: np.random.Generator, targets: NDArray[np.bool_]) -> NDArray[np.float32]:
    logits = generator.normal(size=targets.shape) + 1.2 * targets - 2
    scores: NDArray[np.float64] = 1 / (1 + np.exp(-logits))
    return scores.astype(np.float32)


if __name__ == "__main__":
    main()
