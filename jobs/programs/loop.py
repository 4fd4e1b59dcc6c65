"""The training loop, from the first step or from a checkpoint to the final weights."""

import math
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from jobs.checkpoints import checkpoints, newest_whole_checkpoint
from jobs.events import EventWriter
from jobs.failpoints import failpoint
from jobs.programs.attempt import SplitData, read_orders
from jobs.programs.augmentation import augment
from jobs.programs.batches import AUGMENTATION, DROPOUT, BatchPlan, micro_batches, random_stream
from jobs.programs.endings import LossNotFiniteError, Stop, StoppedError
from jobs.programs.loader import Waited, load_batches
from jobs.programs.network import (
    Precision,
    build_network,
    choose_device,
    device_name,
    gpu_peak,
    start_network,
)
from jobs.programs.optimizer import build_optimizer
from jobs.programs.ranks import ALONE, Ranks, count_ranks, start_ranks
from jobs.programs.schedule import one_cycle
from jobs.programs.scoring import Normalisation, Scores, score_split
from jobs.programs.state import (
    TrainingState,
    finish_training,
    restore,
    save_checkpoint,
    weights_of,
)
from jobs.spec import TrainJob

STEP_EVENT_SECONDS: Final = 0.1


def run_job(job: TrainJob, attempt: Path, train: SplitData, val: SplitData, stop: Stop) -> None:
    """Train `job` in the folder `attempt`, going on from the newest whole checkpoint.

    Raises InputError, DamagedError, LossNotFiniteError, StoppedError, and what torch raises.
    """
    count = count_ranks(job.run, min(job.settings.batch_size, len(train.table)))
    precision = choose_device(job.run, count=count)
    with start_ranks(attempt, count, precision.device) as ranks:
        lead_job(job, attempt, train, val, stop, precision, ranks)


def lead_job(
    job: TrainJob,
    attempt: Path,
    train: SplitData,
    val: SplitData,
    stop: Stop,
    precision: Precision,
    ranks: Ranks = ALONE,
) -> None:
    """What rank 0 does of a job, and all that is written; see `run_job`."""
    source = newest_whole_checkpoint(attempt.parent)
    state = new_state(job, attempt.parent, precision, source)
    plan = BatchPlan(job.settings, train.table.targets)
    events = EventWriter(attempt / "events.jsonl")
    try:
        events.write(
            "started",
            model=job.model,
            device=device_name(precision.device, ranks.count),
            steps=plan.total_steps,
            step=state.progress.step,
            samples=plan.samples,
        )
        if read_orders(attempt).get("halved"):
            told = f"trained {job.run.micro_batch} images at once, since more found no memory"
            events.write("warning", text=f"{told}: batch norm saw no more at a time")
        for damaged in set(checkpoints(attempt.parent)[-1:]) - {source}:
            events.write("warning", text=f"{damaged} is not whole; going on from {source}")
        events.sync()
        failpoint("train.started")
        Training(job, attempt, plan, train, val, state, precision, events, stop, ranks).run()
        finish_training(state, job, attempt, events)
    finally:
        events.close()


def new_state(
    job: TrainJob, job_folder: Path, precision: Precision, source: Path | None
) -> TrainingState:
    """The state at the checkpoint `source`, or at the first step with the pre-weight."""
    settings, labels = job.settings, len(job.labels)
    if source is None:
        network = start_network(settings, labels, job_folder, job.parent_job)
    else:
        network = build_network(settings, labels)
    network = network.to(precision.device).to(memory_format=torch.channels_last)
    scaler = torch.amp.GradScaler(precision.device.type, enabled=precision.scales)
    state = TrainingState(network, build_optimizer(network, settings), scaler)
    if source is not None:
        restore(state, source)
    return state


@dataclass
class Training:
    """One attempt's walk through the epochs that are left."""

    job: TrainJob
    attempt: Path
    plan: BatchPlan
    train: SplitData
    val: SplitData
    state: TrainingState
    precision: Precision
    events: EventWriter
    stop: Stop
    ranks: Ranks = ALONE

    def __post_init__(self) -> None:
        device = self.precision.device
        self.settings = self.job.settings
        self.progress = self.state.progress
        self.targets = torch.from_numpy(self.train.table.targets).to(device, torch.float32)
        self.normalise = Normalisation.of(self.state.network, self.settings.channels, device)
        # Summed on the device, so that a GPU need not be waited for at every step.
        self.loss_sum = torch.tensor(self.progress.loss_sum, dtype=torch.float64, device=device)
        self.saved_step = self.progress.step
        self.saved_at = time.monotonic()

    def run(self) -> None:
        """Train and validate every epoch that is left, with a checkpoint after each."""
        self.ranks.check_same(self.state.network, self.progress.step)
        while self.progress.epoch < self.settings.epochs:
            began, images = time.monotonic(), self.progress.images
            self.train_epoch()
            rate = (self.progress.images - images) / (time.monotonic() - began)
            scores = self.validate()
            if self.ranks.leads:
                self.tell_epoch(scores, rate)
                self.keep_best(scores)
            self.progress.next_epoch()
            self.loss_sum.zero_()
            self.checkpoint()

    def train_epoch(self) -> None:
        """Train on the batches that are left of the epoch, telling of steps as they pass."""
        progress = self.progress
        batches = self.plan.of(progress.epoch)
        told, images = time.monotonic(), progress.images
        self.state.network.train()
        left = batches[progress.batch :]
        shares = (rows[self.ranks.share(len(rows))] for rows in left)
        with closing(load_batches(self.train, shares, self.precision.device)) as loaded:
            waited = Waited(loaded)
            for rows, pixels in zip(left, waited, strict=True):
                loss, lr = self.train_step(rows, pixels)
                now, is_last = time.monotonic(), progress.batch == len(batches)
                if is_last or now - told >= STEP_EVENT_SECONDS:
                    rate = (progress.images - images) / (now - told)
                    wait = waited.seconds / (now - told)
                    self.tell_step(float(loss), lr, progress.batch / len(batches), rate, wait)
                    told, images, waited.seconds = now, progress.images, 0.0
                self.after_step(now, is_last)
        self.take_loss()

    def after_step(self, now: float, is_last: bool) -> None:
        """A checkpoint, if it is time for one; if asked to stop, one and StoppedError."""
        if self.stop.asked:
            self.checkpoint()
            raise StoppedError(f"stopped at step {self.progress.step}, as asked")
        if not is_last and now - self.saved_at >= self.job.run.checkpoint_minutes * 60:
            self.checkpoint()

    def train_step(self, rows: NDArray[np.intp], pixels: Tensor) -> tuple[Tensor, float]:
        """One optimizer step; its loss, on the device, and learning rate.

        `rows` (B,) are those of the images in the split, `pixels` (b, S, S) uint8 the images of
        this rank's share of them.
        """
        progress, settings, scaler = self.progress, self.settings, self.state.scaler
        lr = one_cycle(progress.step, self.plan.total_steps, settings.max_lr, settings.warmup)
        for group in self.state.optimizer.param_groups:
            group["lr"] = lr
        images = augment(pixels, settings.augmentation, self.stream(AUGMENTATION))
        torch.manual_seed(self.stream(DROPOUT).integers(2**63))
        share = rows[self.ranks.share(len(rows))]
        targets = self.targets[torch.from_numpy(share).to(self.precision.device)]
        step_loss = torch.zeros((), device=self.precision.device)
        for part in micro_batches(len(share), self.job.run.micro_batch):
            with self.precision.autocast():
                logits = self.state.network(self.normalise(images[part]))
            loss = functional.binary_cross_entropy_with_logits(logits.float(), targets[part])
            loss = loss * (len(logits) / len(rows))
            torch.autograd.backward(scaler.scale(loss))
            step_loss += loss.detach()
        self.ranks.add_up_gradients(self.state.network, step_loss)
        scaler.step(self.state.optimizer)
        scaler.update()
        self.state.optimizer.zero_grad(set_to_none=True)
        self.loss_sum += step_loss.double() * len(rows)
        progress.step, progress.batch = progress.step + 1, progress.batch + 1
        progress.images += len(rows)
        return step_loss, lr

    def stream(self, purpose: int) -> np.random.Generator:
        """The random numbers of this step for one purpose, those of rank 0 as of one alone."""
        place = (self.progress.epoch, purpose, self.progress.batch)
        return random_stream(self.settings.seed, *place, *self.ranks.place)

    def take_loss(self) -> None:
        """Bring the running loss to the progress; LossNotFiniteError if it is not finite."""
        self.progress.loss_sum = float(self.loss_sum)
        if not math.isfinite(self.progress.loss_sum):
            raise LossNotFiniteError(f"the loss is not finite at step {self.progress.step}")

    def validate(self) -> Scores:
        """Score split val; if asked to stop meanwhile, the epoch's training is kept first."""
        size, network = self.job.run.micro_batch or self.settings.batch_size, self.state.network
        self.ranks.check_same(network, self.progress.step)
        self.ranks.take_leaders(one for one in network.buffers() if one.is_floating_point())
        try:
            return score_split(
                network,
                self.val,
                self.normalise,
                self.precision,
                size,
                self.stop.check,
                self.ranks,
            )
        except StoppedError:
            self.checkpoint()
            raise

    def tell_step(self, loss: float, lr: float, share: float, rate: float, wait: float) -> None:
        """Append a step event; `share` of the epoch is done, at `rate` images a second.

        `wait` is the share of the time in which images were waited for.
        """
        if not math.isfinite(loss):
            raise LossNotFiniteError(f"the loss is {loss} at step {self.progress.step}")
        self.events.write(
            "step",
            step=self.progress.step,
            epoch=round(self.progress.epoch + share, 6),
            loss=loss,
            lr=lr,
            images_per_second=round(rate, 1),
            data_wait=round(wait, 3),
        )

    def tell_epoch(self, scores: Scores, rate: float) -> None:
        """Append an epoch event and print its line."""
        epoch, train_loss = self.progress.epoch + 1, self.progress.loss_sum / self.progress.images
        self.events.write(
            "epoch",
            epoch=epoch,
            step=self.progress.step,
            train_loss=train_loss,
            val_loss=scores.loss,
            val_map=scores.mean_ap,
            label_ap=scores.label_ap,
            gpu_peak=gpu_peak(self.precision.device),
        )
        shown = "undefined" if scores.mean_ap is None else f"{scores.mean_ap:.4f}"
        print(
            f"epoch {epoch} of {self.settings.epochs}: train loss {train_loss:.4f}, "
            f"val loss {scores.loss:.4f}, val mAP {shown}, {rate:.0f} images/s",
            flush=True,
        )

    def keep_best(self, scores: Scores) -> None:
        """Remember these weights if no epoch before had a higher mAP."""
        best, value = self.progress.best_map, scores.mean_ap
        if best is None or (value is not None and value > best):
            self.progress.best_epoch, self.progress.best_map = self.progress.epoch + 1, value
            if self.settings.keep == "best":
                self.state.best = weights_of(self.state.network)

    def checkpoint(self) -> None:
        """Save a checkpoint, unless the newest is of this very step and epoch."""
        is_saved = self.saved_step == self.progress.step and self.progress.batch
        if is_saved or not self.ranks.leads:
            return
        self.take_loss()
        self.events.sync()
        failpoint("train.events-flushed")
        folder = save_checkpoint(self.state, self.attempt)
        path = folder.relative_to(self.attempt).as_posix()
        step, epoch = self.progress.step, self.progress.epoch
        self.events.write("checkpoint", step=step, epoch=epoch, path=path)
        self.events.flush()
        self.saved_step, self.saved_at = step, time.monotonic()
