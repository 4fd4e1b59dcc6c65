"""Averagings: what of the members' scores is averaged, label by label."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:  # pydantic would take half of the start-up
    from jobs.recipe.schema import Averaging

Scores = NDArray[np.float32]  # (N,) of one label
Form = NDArray[np.float32] | NDArray[np.float64]  # (N,) what is averaged

_LEAST: Final = np.nextafter(np.float32(0), np.float32(1))
_MOST: Final = np.nextafter(np.float32(1), np.float32(0))
_EXACT: Final = 1 << 23  # images up to which float32 holds every half rank


def form(averaging: Averaging, scores: Scores) -> Form:
    """What `averaging` averages of a member's scores (N,) of one label.

    - `probabilities`: the scores themselves, float32.
    - `logits`: log(p / (1 - p)) in float64, of scores clipped to the float32 numbers inside
      (0, 1): from 2^-149 to 1 - 2^-24.
    - `ranks`: mean ranks from 1 to N among the label's N scores, the highest score having the
      highest; scores that tie share the mean of their ranks. Float32, which holds them exactly.

    Raises ValueError for an unknown averaging.
    """
    if averaging == "probabilities":
        return scores
    if averaging == "logits":
        inside = np.clip(scores, _LEAST, _MOST).astype(np.float64)
        logits: NDArray[np.float64] = np.log(inside) - np.log1p(-inside)
        return logits
    if averaging == "ranks":
        return _mean_ranks(scores)
    raise ValueError(f"unknown averaging {averaging!r}")


def weighted_mean(
    averaging: Averaging, forms: Sequence[Form], shares: NDArray[np.float64]
) -> Scores:
    """Scores (N,) of the members' forms (N,): their sum by shares that add up to 1, turned back.

    Summed in float64 in the members' order. Logits go back through the sigmoid, ranks are divided
    by N; then it is rounded to float32, once.
    """
    total: NDArray[np.float64] = forms[0] * shares[0]
    product = np.empty_like(total)
    for member, share in zip(forms[1:], shares[1:], strict=True):
        np.multiply(member, share, out=product)
        total += product
    if averaging == "logits":
        total = 1 / (1 + np.exp(-total))
    elif averaging == "ranks":
        total /= total.size
    return total.astype(np.float32)


def _mean_ranks(scores: Scores) -> Form:
    order = np.argsort(scores)
    rising = scores[order]
    first = np.flatnonzero(np.append(True, rising[1:] != rising[:-1])[: rising.size])
    ties = np.diff(first, append=rising.size)
    ranks = np.empty(rising.size)
    ranks[order] = np.repeat(first + (ties + 1) / 2, ties)
    return ranks.astype(np.float32) if ranks.size <= _EXACT else ranks
