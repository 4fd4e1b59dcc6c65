"""The bootstrap over patients beside a plain loop: `python benchmarks/bootstrap_figures.py`."""

import argparse
import json
import threading
import time
import tracemalloc
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import average_precision_score

from jobs.data.labels import PREVALENCE
from jobs.scoring.bootstrap import Resamples, interval, mean_replicates, replicates

RESAMPLES: Final = 2000
LOOPED: Final = 3  # resamples of the plain loop, which takes long
IMAGES_A_PATIENT: Final = 5.8  # as in MIMIC-CXR: 377,110 images of 65,379 patients
TICK: Final = 0.001  # seconds that another thread sleeps at a time


def main() -> None:
    """Time both on the same made-up split and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=36_769, help="of the split")
    chosen = parser.parse_args()
    generator = np.random.default_rng(0)
    targets = generator.random((chosen.images, len(PREVALENCE))) < list(PREVALENCE.values())
    logits = generator.normal(size=targets.shape) + 1.2 * targets - 2
    probabilities = (1 / (1 + np.exp(-logits))).astype(np.float32)
    patients = generator.integers(0, round(chosen.images / IMAGES_A_PATIENT), chosen.images)
    print(json.dumps(bootstrap_figures(probabilities, targets, patients.astype(np.str_)), indent=1))


def bootstrap_figures(
    probabilities: NDArray[np.float32], targets: NDArray[np.bool_], patients: NDArray[np.str_]
) -> dict[str, Any]:
    """Resamples a second of (N, C) scores and targets, ours and a plain loop's, and their ratio.

    Also the memory that ours takes at most, by its allocations, and how late another thread
    wakes meanwhile: a dashboard draws a frame every 33 ms.
    """
    start = time.perf_counter()
    resamples = Resamples(patients, RESAMPLES)
    drawn = time.perf_counter()
    found = replicates(probabilities, targets, resamples)
    end = time.perf_counter()
    means = interval(mean_replicates(found))
    loop, largest = _plain_loop(probabilities, targets, resamples, found)
    ours = RESAMPLES / (end - start)
    return {
        "images": len(targets),
        "labels": targets.shape[1],
        "patients": resamples.patients,
        "resamples": RESAMPLES,
        "map_interval": [round(float(means.low), 5), round(float(means.high), 5)],
        "draw_seconds": round(drawn - start, 3),
        "score_seconds": round(end - drawn, 3),
        "ours_a_second": round(ours, 1),
        "scikit_learn_a_second": round(loop, 2),
        "times_scikit_learn": round(ours / loop, 1),
        "largest_difference": largest,
        "peak_mib": _peak_mib(probabilities, targets, patients),
        "other_thread_late_ms": _lateness(probabilities, targets, resamples),
    }


def _plain_loop(
    probabilities: NDArray[np.float32],
    targets: NDArray[np.bool_],
    resamples: Resamples,
    found: NDArray[np.float64],
) -> tuple[float, float]:
    """Resamples a second of scikit-learn on repeated rows; the largest difference to `found`."""
    differences = []
    start = time.perf_counter()
    for number in range(LOOPED):
        times = resamples.blocks[0][:, number][resamples.owner]
        rows = np.repeat(np.arange(len(targets)), times)
        drawn = zip(targets[rows].T, probabilities[rows].T, strict=True)
        aps = [average_precision_score(own, score) for own, score in drawn]
        differences.append(np.abs(np.array(aps) - found[number]).max())
    return LOOPED / (time.perf_counter() - start), float(np.max(differences))


def _peak_mib(
    probabilities: NDArray[np.float32], targets: NDArray[np.bool_], patients: NDArray[np.str_]
) -> float:
    tracemalloc.start()
    try:
        replicates(probabilities, targets, Resamples(patients, RESAMPLES))
        return round(tracemalloc.get_traced_memory()[1] / 2**20, 1)
    finally:
        tracemalloc.stop()


def _lateness(
    probabilities: NDArray[np.float32], targets: NDArray[np.bool_], resamples: Resamples
) -> dict[str, float]:
    """How late a thread wakes from a short sleep while resamples are scored beside it."""
    worker = threading.Thread(target=replicates, args=(probabilities, targets, resamples))
    late = []
    worker.start()
    while worker.is_alive():
        start = time.perf_counter()
        time.sleep(TICK)
        late.append((time.perf_counter() - start - TICK) * 1000)
    worker.join()
    return {
        mark: round(float(np.percentile(late, share)), 2)
        for mark, share in (("median", 50), ("p99", 99), ("most", 100))
    }


if __name__ == "__main__":
    main()
