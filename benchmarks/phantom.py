"""Whether the phantom's signs can be learned, and only they: `python benchmarks/phantom.py`.

Writes a phantom of 6,000 images at 128 px, trains a small network on 4,000 of them twice, once
with the labels and once with the labels of other images, and scores both on the other 2,000, image
by image. Prints one JSON document; the exit code is 1 if a bound is broken: with the labels every
AP beats its prevalence by 0.05 and stays under 0.95, with others' labels it is that of chance.
Some six minutes on two cores.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.nn import functional

from jobs.data.faults import Faults
from jobs.data.formats.cxr_lt_2023 import read
from jobs.data.labels import LABELS
from jobs.data.phantom.write import write_phantom
from jobs.data.table import ImageTable
from jobs.programs.network import build_network
from jobs.programs.optimizer import build_optimizer
from jobs.programs.schedule import one_cycle
from jobs.recipe.schema import DataSettings, ModelSettings, PhantomSettings
from jobs.scoring.ap import average_precision

LEAST_GAIN: Final = 0.05
HIGHEST: Final = 0.95
# With labels of other images: AP is that of chance within so many times the noise (see `chance`).
LABEL_NOISE: Final = 4.0
MEAN_NOISE: Final = 3.0
MEAN_OFF: Final = 0.02  # and the mean is as near as this to the mean share of positives
ORDERS: Final = 200
DEALS: Final = 1000
# Trained on the first; the other two are scored together.
IMAGES: Final = {"train_images": 4000, "development_images": 1000, "test_images": 1000}
FLOOR: Final = 50  # positives of each label in each split: at least 100 are scored
LEAST_SHARE: Final = 0.05  # of the studies: about 200 positives are learned from
BATCH: Final = 32
SHIFT: Final = 4  # pixels to either side at 128, the only augmentation
# Small images first, as in the poster: (pixels a side, epochs, peak of the learning rate).
PHASES: Final = ((64, 10, 1e-2), (128, 8, 8e-3))


def main() -> int:
    """Write, train, score, print; 1 if a bound is broken."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seed", type=int, default=0, help="of the phantom and the network")
    parser.add_argument("--scores", type=Path, help="write the scores of both networks here (npz)")
    chosen = parser.parse_args()
    settings = PhantomSettings(
        **IMAGES, size=128, seed=chosen.seed, floor=FLOOR, least_share=LEAST_SHARE
    )
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "phantom"
        write_phantom(root, settings)
        written = time.monotonic() - start
        trained = train_both(root, chosen.seed)
    if chosen.scores:
        np.savez(chosen.scores, **trained)
    found = {
        "settings": settings.model_dump(mode="json"),
        "images_a_second": round(sum(IMAGES.values()) / written),
        "seconds": round(time.monotonic() - start),
        **judge(trained["targets"], trained["scores"], trained["shuffled"]),
    }
    print(json.dumps(found, indent=1))
    return 1 if found["broken"] else 0


def train_both(root: Path, seed: int) -> dict[str, NDArray[Any]]:
    """Targets (N, C) of the scored images, `scores` and `shuffled` (N, C) of the two networks."""
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(2, len(os.sched_getaffinity(0))), spawn) as pool:
        both = [pool.submit(train, root, seed, shuffled) for shuffled in (False, True)]
        scores, shuffled = (one.result() for one in both)
    parts = read(root, DataSettings(), LABELS, Faults())
    targets = np.concatenate([parts[part].table.targets for part in ("dev", "test")])
    return {"targets": targets, "scores": scores, "shuffled": shuffled}


def train(root: Path, seed: int, shuffled: bool) -> NDArray[np.float32]:
    """Train on one thread; scores (N, C) of the development and test images, one after the other.

    `shuffled` gives each training image the labels of another one.
    """
    torch.set_num_threads(1)
    parts = read(root, DataSettings(), LABELS, Faults())
    targets = parts["train"].table.targets.astype(np.float32)
    rng = np.random.default_rng([seed, int(shuffled)])
    if shuffled:
        targets = targets[rng.permutation(len(targets))]
    pixels = read_pixels(root, parts["train"].table)
    settings = ModelSettings(
        architecture="test_byobnet", channels=1, pre_weight="none", image_size=128, batch_size=BATCH
    )
    network = build_network(settings.model_copy(update={"seed": seed}), len(LABELS))
    for size, epochs, rate in PHASES:
        train_phase(network, shrink(pixels, size), torch.from_numpy(targets), epochs, rate, rng)
    network.eval()
    scored = [read_pixels(root, parts[part].table) for part in ("dev", "test")]
    with torch.inference_mode():
        logits = [network(batch) for batch in torch.cat(scored).split(100)]
    return torch.cat(logits).numpy()


def train_phase(
    network: torch.nn.Module,
    pixels: torch.Tensor,
    targets: torch.Tensor,
    epochs: int,
    rate: float,
    rng: np.random.Generator,
) -> None:
    """Epochs of whole batches with AdamW and a one-cycle learning rate."""
    settings = ModelSettings(image_size=pixels.shape[-1], batch_size=BATCH, max_lr=rate)
    optimizer = build_optimizer(network, settings)
    steps = epochs * (len(pixels) // BATCH)
    network.train()
    for step, batch in enumerate(_batches(len(pixels), epochs, rng)):
        optimizer.param_groups[0]["lr"] = one_cycle(step, steps, rate, settings.warmup)
        optimizer.param_groups[1]["lr"] = optimizer.param_groups[0]["lr"]
        reach = SHIFT * pixels.shape[-1] // 128
        shift = rng.integers(-reach, reach + 1, 2).tolist()
        logits = network(torch.roll(pixels[batch], shift, (2, 3)))
        loss = functional.binary_cross_entropy_with_logits(logits, targets[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def _batches(images: int, epochs: int, rng: np.random.Generator) -> Iterator[NDArray[np.intp]]:
    for _ in range(epochs):
        order = rng.permutation(images)
        yield from order[: images // BATCH * BATCH].reshape(-1, BATCH)


def read_pixels(root: Path, table: ImageTable) -> torch.Tensor:
    """The images of a table as (N, 1, S, S) floats around zero."""
    images = [np.asarray(Image.open(root / path)) for path in table.path]
    return (torch.from_numpy(np.stack(images)).unsqueeze(1).float() - 110) / 55


def shrink(pixels: torch.Tensor, size: int) -> torch.Tensor:
    """The mean of neighbouring pixels."""
    return functional.avg_pool2d(pixels, pixels.shape[-1] // size)


def judge(
    targets: NDArray[np.bool_], scores: NDArray[np.float32], shuffled: NDArray[np.float32]
) -> dict[str, Any]:
    """What is told of both networks, and which bounds are broken."""
    share = targets.mean(axis=0)
    ap, other = (average_precision(one, targets, LABELS) for one in (scores, shuffled))
    by_chance, noise, mean_noise = chance(shuffled, targets)
    broken = [
        *(f"{LABELS[at]}: AP {ap[at]:.3f}" for at in np.flatnonzero(ap < share + LEAST_GAIN)),
        *(f"{LABELS[at]}: AP {ap[at]:.3f}" for at in np.flatnonzero(ap > HIGHEST)),
        *(
            f"{LABELS[at]}: AP {other[at]:.3f} with labels of other images"
            for at in np.flatnonzero(np.abs(other - by_chance) > LABEL_NOISE * noise)
        ),
    ]
    off = abs(other.mean() - by_chance.mean())
    if off > MEAN_NOISE * mean_noise or abs(other.mean() - share.mean()) > MEAN_OFF:
        broken.append(f"mean AP {other.mean():.4f} with labels of other images")
    figures = {"share": share, "ap": ap, "shuffled": other, "chance": by_chance}
    mean = {name: round(float(values.mean()), 4) for name, values in figures.items()}
    labels = {
        label: {
            name: round(float(values[at]), 4)
            for name, values in {**figures, "noise": noise}.items()
        }
        for at, label in enumerate(LABELS)
    }
    return {"mean": {**mean, "noise": round(mean_noise, 4)}, "labels": labels, "broken": broken}


def chance(
    scores: NDArray[np.float32], targets: NDArray[np.bool_]
) -> tuple[NDArray[np.float64], NDArray[np.float64], float]:
    """The AP (C,) of chance, and the noise of a label's AP (C,) and of the mean AP.

    Chance is the mean over random orders of the images. A network that learned nothing is noisier
    than that: its outputs still tell bright images from dark ones, and sick chests are brighter.
    So noise is how far, as a root mean square, the AP of a label is from chance when the scores
    are those of the outputs for other labels, and no less than the deviation over random orders;
    for the mean AP likewise, with all outputs dealt out at random.
    """
    rng = np.random.default_rng(0)
    count = len(LABELS)
    orders = (rng.permutation(len(scores)) for _ in range(ORDERS))
    mixed = [average_precision(scores[order], targets, LABELS) for order in orders]
    by_chance: NDArray[np.float64] = np.mean(mixed, axis=0)
    outputs = (np.repeat(output[:, None], count, axis=1) for output in scores.T)
    cross = np.array([average_precision(output, targets, LABELS) for output in outputs])
    others = cross.T[~np.eye(count, dtype=bool)].reshape(count, count - 1)  # by label
    noise = np.sqrt(np.square(others - by_chance[:, None]).mean(axis=1))
    noise = np.maximum(noise, np.std(mixed, axis=0))
    deals = np.array([cross[rng.permutation(count), np.arange(count)].mean() for _ in range(DEALS)])
    mean_noise = np.sqrt(np.square(deals - by_chance.mean()).mean())
    return by_chance, noise, float(max(mean_noise, np.std(np.mean(mixed, axis=1))))


if __name__ == "__main__":
    sys.exit(main())
