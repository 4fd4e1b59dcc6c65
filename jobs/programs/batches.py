"""Which images each step sees, as a function of (seed, epoch) only."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.data.oversampling import repeat_counts, repeat_factors
from jobs.errors import InputError
from jobs.recipe.schema import ModelSettings

# What a stream of random numbers is for; two uses must never share one.
REPEATS: Final = 0
ORDER: Final = 1
AUGMENTATION: Final = 2
DROPOUT: Final = 3


def random_stream(seed: int, *place: int) -> np.random.Generator:
    """The generator that belongs to this seed and this place in the run, whoever asks."""
    return np.random.default_rng([seed % 2**64, *place])


@dataclass(frozen=True)
class BatchPlan:
    """The batches of every epoch of a job.

    An epoch's last batch is dropped if it is short, since batch norm wants batches of one size;
    where all images are fewer than a batch they are the one batch.
    """

    settings: ModelSettings
    targets: NDArray[np.bool_]  # (N, C) of the train split

    def __post_init__(self) -> None:
        if len(self.targets) < 2:
            raise InputError(f"split 'train' has {len(self.targets)} image, needs at least 2")

    @cached_property
    def factors(self) -> NDArray[np.float64]:
        """Repeat factors, (N,); all one where the model does not oversample."""
        threshold = self.settings.oversampling_threshold
        if threshold is None:
            return np.ones(len(self.targets))
        return repeat_factors(self.targets, threshold)

    @cached_property
    def steps(self) -> tuple[int, ...]:
        """Steps of each epoch; their number varies with the rounding of the repeats."""
        sizes = (int(self._counts(epoch).sum()) for epoch in range(self.settings.epochs))
        return tuple(max(1, size // self.settings.batch_size) for size in sizes)

    @property
    def total_steps(self) -> int:
        """Steps of the whole job."""
        return sum(self.steps)

    @property
    def samples(self) -> int:
        """Images that the whole job trains on, repeats counted."""
        if len(self.targets) < self.settings.batch_size:
            return sum(len(batch) for epoch in range(len(self.steps)) for batch in self.of(epoch))
        return self.total_steps * self.settings.batch_size

    def of(self, epoch: int) -> list[NDArray[np.intp]]:
        """The batches of `epoch` (from 0): row numbers of the train split."""
        rows = np.repeat(np.arange(len(self.targets)), self._counts(epoch))
        random_stream(self.settings.seed, epoch, ORDER).shuffle(rows)
        size = self.settings.batch_size
        return [rows[at * size : (at + 1) * size] for at in range(self.steps[epoch])]

    def _counts(self, epoch: int) -> NDArray[np.int64]:
        stream = random_stream(self.settings.seed, epoch, REPEATS)
        return repeat_counts(self.factors, stream)


def micro_batches(rows: int, micro_batch: int | None) -> list[slice]:
    """Split a batch into nearly equal parts of at most `micro_batch` rows, but none of one row.

    Batch norm cannot normalise over a single row, so a `micro_batch` of 1 is taken as 2 or 3.
    """
    if micro_batch is None or rows <= micro_batch:
        return [slice(0, rows)]
    parts = max(1, min(-(-rows // micro_batch), rows // 2))
    edges = [rows * part // parts for part in range(parts + 1)]
    return [slice(start, end) for start, end in pairwise(edges)]
