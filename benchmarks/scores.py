"""How quick scoring is: `PYTHONPATH=. python benchmarks/scores.py` prints one JSON document.

The average precision of one split beside other libraries, and its growth with the images; a
keystroke in the ensemble screen, and what its scorer holds; the bootstrap.
"""

# ruff: noqa: E402  (what is chosen for numpy must be said before it is imported)

import argparse
import importlib
import importlib.util
import json
import os
import platform
import warnings
from typing import Any

from jobs.processor import choose_sorts

choose_sorts()  # as the command does, before numpy is imported

import numpy as np
from bootstrap_figures import bootstrap_figures
from keystroke_figures import MEMBERS, keystroke_figures, memory_figures
from made_split import MadeSplit, make_split, side_by_side, timed
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from jobs.scoring import average_precision

DEVELOPMENT, TEST = 36_769, 75_492  # images of CXR-LT 2023
GROWTH = (10_000, 100_000, 1_000_000)


def main() -> None:
    """Time everything on made-up splits and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=DEVELOPMENT, help="of the split")
    parser.add_argument("--keystrokes", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=15, help="of a whole scoring")
    chosen = parser.parse_args()
    split = make_split(chosen.images)
    found = {
        "images": chosen.images,
        "labels": split.targets.shape[1],
        "members": MEMBERS,
        "numpy": np.__version__,
        "machine": platform.machine(),
        "processors": len(os.sched_getaffinity(0)),
        "average_precision": kernel_figures(split, chosen.repeats),
        "growth": [growth_figures(images) for images in GROWTH],
        "keystroke": keystroke_figures(chosen.images, chosen.keystrokes),
        "memory_mb": {images: memory_figures(images) for images in (DEVELOPMENT, TEST)},
        "bootstrap": bootstrap_figures(split.scores(0), split.targets, split.patient),
        # The last one: torch's idle threads keep a processor busy after their work.
        "torchmetrics": torchmetrics_figures(split, 3),
    }
    print(json.dumps(found, indent=1))


def kernel_figures(split: MadeSplit, repeats: int) -> dict[str, Any]:
    """Average precision by this project and by scikit-learn, in turn."""
    scores, targets = split.scores(0), split.targets
    actions = {
        "ours": lambda: average_precision(scores, targets),
        "scikit_learn": lambda: scikit_learn(scores, targets),
    }
    figures: dict[str, Any] = dict(side_by_side(actions, repeats))
    slow, ours = figures["scikit_learn"], figures["ours"]
    figures["times_scikit_learn"] = round(slow["median_ms"] / ours["median_ms"], 1)
    figures["times_scikit_learn_in_processor_time"] = round(
        slow["processor_ms"] / ours["processor_ms"], 1
    )
    difference = average_precision(scores, targets) - scikit_learn(scores, targets)
    figures["largest_difference"] = float(np.abs(difference).max())
    return figures


def scikit_learn(scores: NDArray[np.float32], targets: NDArray[np.bool_]) -> NDArray[np.float64]:
    """AP (C,) label by label, as the shared task computes it."""
    pairs = zip(scores.T, targets.T, strict=True)
    return np.array([average_precision_score(own, score) for score, own in pairs])


def torchmetrics_figures(split: MadeSplit, repeats: int) -> dict[str, float] | None:
    """The same by torchmetrics; None where it is not installed."""
    if importlib.util.find_spec("torchmetrics") is None:
        return None
    torch: Any = importlib.import_module("torch")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        functional: Any = importlib.import_module("torchmetrics.functional.classification")
        score = functional.multilabel_average_precision
        scores = torch.from_numpy(split.scores(0))
        targets = torch.from_numpy(split.targets.astype(np.int64))
        return timed(lambda: score(scores, targets, targets.shape[1], average="none"), repeats)


def growth_figures(images: int) -> dict[str, float]:
    """Average precision at another number of images."""
    split = make_split(images)
    scores = split.scores(0)
    figures = timed(lambda: average_precision(scores, split.targets), 7)
    nanoseconds = figures["processor_ms"] * 1e6 / scores.size
    return {"images": images, **figures, "processor_ns_a_score": round(nanoseconds, 1)}


if __name__ == "__main__":
    main()
