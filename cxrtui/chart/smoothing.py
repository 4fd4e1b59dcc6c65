"""The exponential moving average of a curve."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_UNBIASED: Final = 40.0  # 1 - exp(-40) is 1 in double precision
_BLOCK: Final = 256  # a block is one matrix product; only one number is carried between blocks


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
        size, weight = min(_BLOCK, values.size), self._weight
        powers = weight ** np.arange(size + 1)
        age = np.subtract.outer(np.arange(size), np.arange(size))
        within = np.where(age >= 0, (1 - weight) * powers[np.maximum(age, 0)], 0.0)
        padded = np.zeros(-(-values.size // size) * size)
        padded[: values.size] = values
        blocks = padded.reshape(-1, size) @ within.T
        carried = self._carried
        for block in blocks:
            block += carried * powers[1:]
            carried = float(block[-1])
        averages = blocks.ravel()[: values.size]
        number = np.arange(self._count + 1, self._count + values.size + 1)
        self._carried, self._count = float(averages[-1]), int(number[-1])
        if weight:
            biased = number[: np.searchsorted(number, -_UNBIASED / np.log(weight))]
            averages[: len(biased)] /= -np.expm1(biased * np.log(weight))
        result: NDArray[np.float64] = averages
        return result
