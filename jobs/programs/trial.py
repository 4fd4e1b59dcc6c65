"""A few batches of random images, trained on and predicted as a job would do it."""

import os
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from itertools import repeat
from pathlib import Path
from typing import Final

import numpy as np
import torch

from jobs.data.pixels.pack import Manifest, Pack
from jobs.data.table import ImageTable
from jobs.events import EventWriter
from jobs.preflight.setting import Setting, Trial
from jobs.processes import start_ticks
from jobs.programs.attempt import SplitData
from jobs.programs.batches import BatchPlan
from jobs.programs.endings import Stop
from jobs.programs.loader import load_batches
from jobs.programs.loop import Training, new_state
from jobs.programs.network import choose_device, gpu_peak
from jobs.programs.scoring import split_logits
from jobs.programs.state import TrainingState
from jobs.recipe.schema import ModelSettings, PixelSettings, RunSettings
from jobs.spec import MEANINGS, TrainJob

WARM_UP: Final = 2  # batches: the first ones get memory and choose kernels
LEAST: Final = 3  # batches that are timed
MOST: Final = 500
ENOUGH_SECONDS: Final = 1.0
PATIENCE_SECONDS: Final = 60.0  # for slow devices: then fewer batches than the least will do


def try_setting(setting: Setting, stop: Stop) -> Trial:
    """Measure a setting on the first visible GPU, else on the CPU.

    Raises InputError, StoppedError, and what torch raises, out of memory above all.
    """
    job = _job(setting)
    precision = choose_device(job.run)
    device = precision.device
    state = new_state(job, Path(), precision, None)
    data = _random_split(job)
    plan = BatchPlan(job.settings, data.table.targets)
    events = EventWriter(Path(os.devnull))  # nothing is told
    training = Training(job, Path(), plan, data, data, state, precision, events, stop)
    startup = _seconds_of_process()
    train_rate = _train_rate(training) if setting.trains else None
    predict_rate = _predict_rate(training, setting.images_at_once)
    weights = _bytes(state.network.state_dict().values())
    return Trial(
        startup_seconds=startup,
        train_rate=train_rate,
        predict_rate=predict_rate,
        gpu_peak=gpu_peak(device),
        gpu_bytes=torch.cuda.mem_get_info(device)[1] if device.type == "cuda" else None,
        weights_bytes=weights,
        checkpoint_bytes=2 * weights + _optimizer_bytes(state),
    )


def images_per_second(batches: Iterator[int], device: torch.device, stop: Stop) -> float:
    """The speed at which `batches` pass, each a number of images that are done."""
    for _ in range(WARM_UP):
        next(batches)
    _wait_for(device)
    began, images = time.monotonic(), 0
    for number, done in enumerate(batches, start=1):
        stop.check()
        _wait_for(device)
        seconds, images = time.monotonic() - began, images + done
        if seconds >= (ENOUGH_SECONDS if number >= LEAST else PATIENCE_SECONDS) or number == MOST:
            break
    return images / seconds


def _train_rate(training: Training) -> float:
    training.state.network.train()
    rows = np.arange(len(training.train.table))
    device = training.precision.device

    def steps() -> Generator[int, None, None]:
        with closing(load_batches(training.train, repeat(rows), device)) as loaded:
            for pixels in loaded:
                training.train_step(rows, pixels)
                yield len(rows)

    with closing(steps()) as batches:
        return images_per_second(batches, device, training.stop)


def _predict_rate(training: Training, images_at_once: int) -> float:
    network, precision = training.state.network.eval(), training.precision
    how = (training.normalise, precision, images_at_once, training.stop.check)

    def batches() -> Iterator[int]:
        for _ in repeat(None):
            yield from map(len, split_logits(network, training.val, *how))

    return images_per_second(batches(), precision.device, training.stop)


def _job(setting: Setting) -> TrainJob:
    names = ("architecture", "channels", "image_size", "batch_size", "drop_rate", "augmentation")
    same = {name: getattr(setting, name) for name in names}
    # So slow that random images cannot lead anywhere, and more epochs, of one step, than are done.
    settings = ModelSettings(pre_weight="none", max_lr=1e-5, epochs=MOST + WARM_UP, **same)
    return TrainJob(
        key="",
        recipe="preflight",
        stage="preflight",
        model="preflight",
        pack="",
        run=RunSettings(device="any", micro_batch=setting.images_at_once),
        meaning=MEANINGS["train"],
        targets={},
        labels=tuple(f"label{number}" for number in range(setting.labels)),
        settings=settings,
    )


def _random_split(job: TrainJob) -> SplitData:
    """A batch of random images with random labels."""
    count, size = job.settings.batch_size, job.settings.image_size
    random = np.random.default_rng(0)
    names = np.array([str(number) for number in range(count)])
    targets = random.random((count, len(job.labels))) < 0.5
    pixels = random.integers(256, size=(count, size, size), dtype=np.uint8)
    manifest = Manifest(
        size=size, pixels=PixelSettings(), count=count, chunk=count, checksums=(), index=""
    )
    sides = np.full(count, size, dtype=np.int32)
    table = ImageTable("val", job.labels, names, names, names, names, names, targets)
    pack = Pack(Path(), size, names, pixels, sides, sides, manifest)
    return SplitData(table, pack, np.arange(count))


def _optimizer_bytes(state: TrainingState) -> int:
    """Of the two moments and the step of each parameter, whether a step was made or not."""
    return sum(2 * one.numel() * one.element_size() + 4 for one in state.network.parameters())


def _bytes(tensors: Iterable[torch.Tensor]) -> int:
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def _seconds_of_process() -> float:
    """Since this process began."""
    ticks = start_ticks(os.getpid()) or 0
    return round(time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK"), 2)


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
