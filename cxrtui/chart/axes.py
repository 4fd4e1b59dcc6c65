"""Where an axis has its ticks, and how they are written."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)


def ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round numbers within [low, high], ascending and evenly spaced.

    Their distance is 1, 2, 2.5 or 5 times a power of ten: the least that does not give too many.
    Raises ValueError if the range is empty or not finite.
    """
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"an axis cannot reach from {low} to {high}")
    if most < 1:
        return []
    magnitude = 10.0 ** math.floor(math.log10((high - low) / most))
    for power in (magnitude, magnitude * 10, magnitude * 100):
        for factor in _STEPS:
            found = _multiples(low, high, factor * power)
            if len(found) <= most:
                return found
    return []


def whole_ticks(low: float, high: float, most: int) -> list[float]:
    """As `ticks`, but whole numbers, so fewer where need be; any if none of them lies within."""
    fewer = (ticks(low, high, count) for count in range(most, 0, -1))
    whole = (values for values in fewer if values and all(map(float.is_integer, values)))
    return next(whole, ticks(low, high, most))


def tick_labels(values: Sequence[float]) -> list[str]:
    """Ticks as texts with one number of decimals, the least that tells them apart."""
    if not values:
        return []
    largest = max(abs(value) for value in values)
    if largest != 0 and not 1e-3 <= largest < 1e6:
        return [f"{value:.1e}" for value in values]
    gap = min((b - a for a, b in pairwise(values)), default=largest or 1.0)
    decimals = next(
        (digits for digits in range(7) if abs(gap - round(gap, digits)) < gap * 1e-6), 6
    )
    return [f"{value:.{decimals}f}" for value in values]


def widen(low: float, high: float, margin: float = 0.04) -> tuple[float, float]:
    """A range with some room at both ends; a single value gets room around it."""
    if low == high:
        room = abs(low) * 0.1 or 1.0
        return low - room, high + room
    room = (high - low) * margin
    return low - room, high + room


def _multiples(low: float, high: float, step: float) -> list[float]:
    slack = step * 1e-9  # so that 0.3 is a multiple of 0.1
    first, last = math.ceil((low - slack) / step), math.floor((high + slack) / step)
    return [number * step for number in range(first, last + 1)]
