"""The learning rate as a function of the step, so that a resumed job needs no scheduler state."""

import math
from typing import Final

START_DIVISOR: Final = 25.0
END_DIVISOR: Final = 1e4


def one_cycle(step: int, steps: int, max_lr: float, warmup: float) -> float:
    """Learning rate of `step` (from 0) of `steps`.

    Smith and Topin, "Super-Convergence" (2018), with cosine annealing, as torch's OneCycleLR has
    it: from max_lr / 25 up to max_lr over the share `warmup` of the steps, then down to a
    1e4th of where it began. Momentum stays as it is.
    """
    start = max_lr / START_DIVISOR
    peak = warmup * steps - 1
    if step <= peak:
        return _anneal(start, max_lr, step / peak if peak else 1.0)
    return _anneal(max_lr, start / END_DIVISOR, (step - peak) / (steps - 1 - peak))


def _anneal(start: float, end: float, share: float) -> float:
    return end + (start - end) / 2 * (1 + math.cos(math.pi * share))
