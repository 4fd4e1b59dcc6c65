"""Gaps between jobs, from the first and last instants that their programs wrote."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np


def read_instants(folders: Iterable[Path]) -> list[tuple[int, int]]:
    """(first, last) of each program in nanoseconds; one that has not written is an error."""
    found = []
    for folder in folders:
        first, last = (folder / "instants.txt").read_text().split()
        found.append((int(first), int(last)))
    return found


def gaps(instants: Sequence[tuple[int, int]], slots: int) -> dict[str, float]:
    """Milliseconds from an end to the start that takes its place, with `slots` jobs at once.

    The n-th start after the first `slots` takes the place of the n-th end.
    """
    starts = np.sort([first for first, _ in instants])
    ends = np.sort([last for _, last in instants])
    return percentiles((starts[slots:] - ends[:-slots]) / 1e6)


def percentiles(values: Iterable[float]) -> dict[str, float]:
    """Median, 99th percentile, greatest."""
    found = np.asarray(list(values), dtype=np.float64)
    marks = {"median": 50, "p99": 99, "most": 100}
    return {name: round(float(np.percentile(found, mark)), 2) for name, mark in marks.items()}


def jobs_a_second(instants: Sequence[tuple[int, int]]) -> float:
    """Jobs over the time from the first start to the last end."""
    taken = max(last for _, last in instants) - min(first for first, _ in instants)
    return round(len(instants) / (taken / 1e9), 1)
