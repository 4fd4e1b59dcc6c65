"""A made-up split with the prevalences of CXR-LT, and the timing of actions on it."""

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.data.labels import PREVALENCE
from jobs.scoring.views import StudyGroups


@dataclass(frozen=True)
class MadeSplit:
    """N images of 26 labels; members' scores come from `scores`."""

    targets: NDArray[np.bool_]  # (N, 26)
    study: NDArray[np.str_]  # (N,) 1.7 images each
    view: NDArray[np.str_]  # (N,)
    patient: NDArray[np.str_]  # (N,) six images each

    @property
    def groups(self) -> StudyGroups:
        """The images' studies."""
        return StudyGroups(self.study, self.view)

    def scores(self, member: int) -> NDArray[np.float32]:
        """A member's scores (N, 26), the same for the same number."""
        generator = np.random.default_rng((1, member))
        logits = generator.normal(size=self.targets.shape) + 1.2 * self.targets - 2
        scores: NDArray[np.float64] = 1 / (1 + np.exp(-logits))
        return scores.astype(np.float32)


def make_split(images: int) -> MadeSplit:
    """The same split for the same number of images."""
    generator = np.random.default_rng(0)
    study = np.sort(generator.integers(0, round(images * 0.6), images))
    return MadeSplit(
        targets=generator.random((images, len(PREVALENCE))) < list(PREVALENCE.values()),
        study=study.astype(np.str_),
        view=generator.choice(["PA", "AP", "LATERAL", ""], images, p=[0.26, 0.39, 0.3, 0.05]),
        patient=(study // 4).astype(np.str_),
    )


def timed(action: Callable[[], object], repeats: int) -> dict[str, float]:
    """What `side_by_side` finds of one action alone."""
    return side_by_side({"": action}, repeats)[""]


def side_by_side(
    actions: Mapping[str, Callable[[], object]], repeats: int
) -> dict[str, dict[str, float]]:
    """Milliseconds of each of the actions, called in turn, so that a busy moment meets them all.

    The median, the 99th percentile and the least by the clock; the median of processor time over
    all threads, which a busy machine changes least.
    """
    clock: dict[str, list[float]] = {name: [] for name in actions}
    processor: dict[str, list[float]] = {name: [] for name in actions}
    for action in actions.values():
        action()
    for _ in range(repeats):
        for name, action in actions.items():
            start, worked = time.perf_counter(), time.process_time()
            action()
            processor[name].append((time.process_time() - worked) * 1000)
            clock[name].append((time.perf_counter() - start) * 1000)
    return {
        name: {
            "median_ms": round(statistics.median(taken), 2),
            "p99_ms": round(float(np.percentile(taken, 99)), 2),
            "least_ms": round(min(taken), 2),
            "processor_ms": round(statistics.median(processor[name]), 2),
        }
        for name, taken in clock.items()
    }
