"""The exponential moving average of a curve."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_UNBIASED: Final = 40.0  # 1 - exp(-40) is 1 in double precision
_BLOCK: Final = 32  # numbers in a row of a matrix product; larger ones cost more than they save


def smooth(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """EMA (N,) of `values` (N,), s_n = w s_(n-1) + (1 - w) v_n, without bias to the start.

    The bias is taken out as Adam does (Kingma and Ba, 2015, section 3): divided by 1 - w^n. Values
    that are not finite stay what they are and take no part. Raises ValueError unless 0 <= w < 1.
    """
    return Smoother(weight).go_on(values)


class Smoother:
    """`smooth` of values that come bit by bit."""

    def __init__(self, weight: float) -> None:
        if not 0 <= weight < 1:
            raise ValueError(f"the weight of smoothing is {weight}, not within 0 and 1")
        self._weight = weight
        self._count = 0  # finite values so far
        self._carried = 0.0  # their average, with its bias

    def go_on(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """EMA (N,) of the next values (N,)."""
        finite = np.isfinite(values)
        smoothed = values.copy()
        if finite.any():
            smoothed[finite] = self._go_on_finite(values[finite])
        return smoothed

    def _go_on_finite(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        weight, first = self._weight, self._count + 1
        added = (1 - weight) * values
        added[0] += weight * self._carried
        averages = _fading_sums(added, weight)
        self._carried, self._count = float(averages[-1]), self._count + values.size
        if weight:
            last = min(int(-_UNBIASED / np.log(weight)), self._count)
            number = np.arange(first, last + 1)
            averages[: number.size] /= -np.expm1(number * np.log(weight))
        return averages


def _fading_sums(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """(N,) s_n = w s_(n-1) + v_n of values (N,), s_0 being 0.

    Within blocks by a matrix product. What a block hands on to the next is such a sum, too, of the
    blocks' ends.
    """
    count = -(-values.size // _BLOCK)
    padded = np.zeros(count * _BLOCK)
    padded[: values.size] = values
    powers = weight ** np.arange(_BLOCK + 1)
    age = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
    blocks = padded.reshape(count, _BLOCK) @ np.where(age >= 0, powers[np.abs(age)], 0.0).T
    if count > 1:
        blocks[1:] += np.outer(_fading_sums(blocks[:-1, -1], float(powers[-1])), powers[1:])
    sums: NDArray[np.float64] = blocks.ravel()[: values.size]
    return sums
