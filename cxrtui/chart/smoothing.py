"""The exponential moving average of a curve."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

_BLOCK: Final = 256  # a block is one matrix product; only one number is carried between blocks


def smooth(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    """EMA (N,) of `values` (N,), s_n = w s_(n-1) + (1 - w) v_n, without bias to the start.

    The bias is taken out as Adam does (Kingma and Ba, 2015, section 3): divided by 1 - w^n. Values
    that are not finite stay what they are and take no part. Raises ValueError unless 0 <= w < 1.
    """
    if not 0 <= weight < 1:
        raise ValueError(f"the weight of smoothing is {weight}, not within 0 and 1")
    finite = np.isfinite(values)
    smoothed = values.copy()
    smoothed[finite] = _smooth_finite(values[finite], weight)
    return smoothed


def _smooth_finite(values: NDArray[np.float64], weight: float) -> NDArray[np.float64]:
    powers = weight ** np.arange(_BLOCK + 1)
    age = np.subtract.outer(np.arange(_BLOCK), np.arange(_BLOCK))
    within = np.where(age >= 0, (1 - weight) * weight ** np.maximum(age, 0).astype(np.float64), 0.0)
    padded = np.zeros(-(-values.size // _BLOCK) * _BLOCK)
    padded[: values.size] = values
    blocks = padded.reshape(-1, _BLOCK) @ within.T
    carried = 0.0
    for block in blocks:
        block += carried * powers[1:]
        carried = float(block[-1])
    unbias = -np.expm1(np.arange(1, values.size + 1) * np.log(weight)) if weight else 1.0
    result: NDArray[np.float64] = blocks.ravel()[: values.size] / unbias
    return result
