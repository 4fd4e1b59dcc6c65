"""What a network says of a whole split."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from jobs.programs.attempt import SplitData
from jobs.programs.endings import LossNotFiniteError
from jobs.programs.loader import load_batches, to_floats
from jobs.programs.network import Precision
from jobs.programs.ranks import ALONE, Ranks
from jobs.scoring.ap import average_precision, mean_ap


@dataclass(frozen=True)
class Normalisation:
    """Turns pixels into what the backbone was made for."""

    mean: Tensor  # (1, channels, 1, 1)
    std: Tensor

    @classmethod
    def of(cls, network: nn.Module, channels: int, device: torch.device) -> "Normalisation":
        """The backbone's own; with one channel the mean of its three."""
        known = cast(dict[str, Any], network.pretrained_cfg)
        both = []
        for key in ("mean", "std"):
            value = torch.tensor(known.get(key) or [0.5] * 3).view(1, -1, 1, 1)
            both.append((value.mean(1, keepdim=True) if channels == 1 else value).to(device))
        return cls(*both)

    def __call__(self, images: Tensor) -> Tensor:
        """(B, 1, S, S) floats in 0..1 to (B, channels, S, S)."""
        return (images - self.mean) / self.std


@dataclass(frozen=True, eq=False)
class Scores:
    """Probabilities (N, C) float32, the mean loss, and the AP of each label (None: undefined)."""

    probabilities: NDArray[np.float32]
    loss: float
    label_ap: dict[str, float | None]
    mean_ap: float | None


def score_split(
    network: nn.Module,
    data: SplitData,
    normalise: Normalisation,
    precision: Precision,
    batch_size: int,
    check: Callable[[], None],
    ranks: Ranks = ALONE,
) -> Scores:
    """Run the network over a split in evaluation mode; `check` is called before each batch.

    Each rank runs some of the batches, of the same images whatever the number of ranks, and all
    have the same scores in the end.

    Raises LossNotFiniteError if the network gives NaN or infinity.
    """
    network.eval()
    logits = torch.zeros(data.table.targets.shape)
    at = shared_batches(data, batch_size, ranks).start * batch_size
    for batch in split_logits(network, data, normalise, precision, batch_size, check, ranks):
        logits[at : at + len(batch)] = batch
        at += len(batch)
    ranks.add_up([logits])
    targets = torch.from_numpy(data.table.targets).float()
    loss = float(functional.binary_cross_entropy_with_logits(logits, targets))
    if not np.isfinite(loss):
        raise LossNotFiniteError(f"the loss over split {data.table.split!r} is {loss}")
    probabilities = cast(NDArray[np.float32], logits.sigmoid().numpy())
    values = average_precision(probabilities, data.table.targets, data.table.labels)
    found = [None if np.isnan(value) else float(value) for value in values]
    mean = mean_ap(values)
    label_ap = dict(zip(data.table.labels, found, strict=True))
    return Scores(probabilities, loss, label_ap, None if np.isnan(mean) else mean)


def shared_batches(data: SplitData, batch_size: int, ranks: Ranks) -> slice:
    """Which of the split's batches this rank runs."""
    return ranks.share(-(-len(data.table) // batch_size))


def split_logits(
    network: nn.Module,
    data: SplitData,
    normalise: Normalisation,
    precision: Precision,
    batch_size: int,
    check: Callable[[], None],
    ranks: Ranks = ALONE,
) -> Iterator[Tensor]:
    """The logits of this rank's batches of a split, (B, C) floats on the CPU; see `score_split`."""
    rows = np.arange(len(data.table))
    starts = rows[::batch_size][shared_batches(data, batch_size, ranks)]
    batches = (rows[start : start + batch_size] for start in starts)
    with closing(load_batches(data, batches, precision.device)) as loaded:
        for images in loaded:
            check()
            with torch.inference_mode(), precision.autocast():
                logits = network(normalise(to_floats(images)))
            yield logits.float().cpu()
