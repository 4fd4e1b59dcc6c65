"""Probabilities of whole splits by the weights that a train job finished with."""

import os
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from jobs.checkpoints import finished_weights
from jobs.events import EventWriter
from jobs.failpoints import failpoint
from jobs.predictions import PredictionSet, write_predictions
from jobs.programs.artifacts import describe, tell_finished
from jobs.programs.attempt import SplitData
from jobs.programs.endings import Stop
from jobs.programs.network import (
    Precision,
    build_network,
    choose_device,
    device_name,
    gpu_peak,
    load_weights,
)
from jobs.programs.scoring import Normalisation, Scores, score_split
from jobs.spec import PredictJob


def run_job(job: PredictJob, attempt: Path, splits: Sequence[SplitData], stop: Stop) -> None:
    """Predict every split in the folder `attempt`; the same weights give the same bytes.

    Splits that an earlier attempt has predicted are predicted again. Raises InputError,
    DamagedError, LossNotFiniteError, StoppedError, and what torch raises.
    """
    precision = choose_device(job.run)
    network = trained_network(job, attempt.parent, precision)
    normalise = Normalisation.of(network, job.settings.channels, precision.device)
    batch_size = job.run.micro_batch or job.settings.batch_size
    images = [len(data.table) for data in splits]
    events = EventWriter(attempt / "events.jsonl")
    try:
        events.write(
            "started",
            model=job.model,
            device=device_name(precision.device),
            steps=sum(-(-count // batch_size) for count in images),
            step=0,
            samples=sum(images),
        )
        events.sync()
        failpoint("predict.started")
        artifacts = []
        for data in splits:
            scores = score_split(network, data, normalise, precision, batch_size, stop.check)
            artifacts.append(write_split(attempt, data, scores, events))
        failpoint("predict.before-finished")
        tell_finished(events, artifacts, gpu_peak=gpu_peak(precision.device))
        failpoint("predict.finished")
    finally:
        events.close()


def trained_network(job: PredictJob, job_folder: Path, precision: Precision) -> nn.Module:
    """The network with the weights that `train_job` finished with."""
    weights = finished_weights(Path(os.path.normpath(job_folder / job.train_job)))
    network = build_network(job.settings, len(job.labels))
    load_weights(network, weights)
    return network.to(precision.device).to(memory_format=torch.channels_last)


def write_split(
    attempt: Path, data: SplitData, scores: Scores, events: EventWriter
) -> dict[str, object]:
    """Write one prediction set and tell of it; the file as the `finished` event names it."""
    table, name = data.table, f"predictions/{data.table.split}.parquet"
    (attempt / "predictions").mkdir(exist_ok=True)
    predictions = PredictionSet(
        table.split,
        table.labels,
        table.image,
        table.study,
        table.patient,
        table.view,
        scores.probabilities,
    )
    sha256 = write_predictions(attempt / name, predictions)
    failpoint("predict.split-written")
    events.write(
        "predictions",
        split=table.split,
        path=name,
        sha256=sha256,
        rows=len(table),
        label_ap=scores.label_ap,
    )
    events.sync()
    shown = "undefined" if scores.mean_ap is None else f"{scores.mean_ap:.4f}"
    print(f"predicted {len(table)} {table.split} images: mAP {shown}", flush=True)
    return describe(attempt, name)
