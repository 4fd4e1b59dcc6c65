"""Where an axis has its ticks, and how they are written."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

_STEPS: Final = (1.0, 2.0, 2.5, 5.0, 10.0)
_LARGE: Final = ((1e6, "M"), (1e9, "G"))


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


def log_ticks(low: float, high: float, most: int) -> list[float]:
    """At most `most` round numbers within [low, high] for a logarithmic axis, ascending.

    Powers of ten, with 2 and 5 times them where there is room; `ticks` where that gives fewer than
    two. Raises ValueError unless 0 < low < high < infinity.
    """
    if not low > 0:
        raise ValueError(f"a logarithmic axis cannot begin at {low}")
    plain = ticks(low, high, most)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors, stride in (((1, 2, 5), 1), *(((1,), stride) for stride in range(1, 20))):
        even = [power for power in powers if power % stride == 0]
        numbers = [factor * 10.0**power for power in even for factor in factors]
        found = [number for number in numbers if low <= number <= high]
        if len(found) <= most:
            return found if len(found) >= 2 else plain
    return plain


def tick_labels(values: Sequence[float]) -> list[str]:
    """Ticks as texts with one number of decimals, the least that tells them apart; `2.5M`."""
    if not values:
        return []
    largest = max(abs(value) for value in values)
    for worth, letter in _LARGE:
        if worth <= largest < worth * 1000:
            return [label + letter for label in tick_labels([value / worth for value in values])]
    if largest != 0 and not 1e-3 <= largest < 1e6:
        return [f"{value:.1e}" for value in values]
    gap = min((b - a for a, b in pairwise(values)), default=largest or 1.0)
    decimals = next(
        (digits for digits in range(7) if abs(gap - round(gap, digits)) < gap * 1e-6), 6
    )
    return [f"{value:.{decimals}f}" for value in values]


def log_tick_labels(values: Sequence[float]) -> list[str]:
    """Ticks of a logarithmic axis, each with as many decimals as it needs itself: `0.02`, `5`."""
    return [f"{value:.6g}" if 1e-4 <= value < 1e6 else f"{value:.0e}" for value in values]


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
