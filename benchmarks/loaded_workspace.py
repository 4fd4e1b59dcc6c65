"""A workspace at full size: a long queue, long curves that grow, predictions of all of CXR-LT."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np
from cxrtui_queue import planned_job
from made_split import MadeSplit, make_split

from db.attempts import add_attempt, update_attempt
from db.jobs import jobs
from db.points import add_points
from db.predictions import add_prediction_set
from db.records import AttemptStart, Job, Point, PredictionSetRecord, TargetSetRecord
from jobs.data.labels import PREVALENCE
from jobs.data.table import ImageTable
from jobs.durable import sha256_file
from jobs.plan import add_entry, recipe_entry
from jobs.planned import DataFacts, plan_jobs
from jobs.predictions import PredictionSet, write_predictions
from jobs.queue.journal import record
from jobs.recipe.load import load_recipe
from jobs.spec import KeptFile
from jobs.targets import write_targets
from jobs.workspace import Workspace, WorkspaceSettings, make_workspace

RECIPE: Final = "cxr-lt-2023"
MODELS: Final = tuple(f"model{number}" for number in range(8))
POINTS: Final = 100_000  # of the train loss of each model
EPOCHS: Final = 30
JOBS: Final = 10_000
IMAGES: Final = {"dev": 36_769, "test": 75_492}
_FEW: Final = 1000  # images, where nothing is predicted
_STATES: Final = ("succeeded", "succeeded", "queued", "queued", "failed", "held", "cancelled")


def make_loaded(root: Path, *, whole: bool = True) -> Workspace:
    """All eight models of the poster in training, and if `whole` predictions and a long queue."""
    workspace = make_workspace(root, WorkspaceSettings(RECIPE))
    sizes = IMAGES if whole else dict.fromkeys(IMAGES, _FEW)
    tables = {split: _table(split, make_split(images)) for split, images in sizes.items()}
    _queue(workspace, tables)
    with workspace.database.read() as connection:
        known = {(job.model, job.kind): job for job in jobs(connection)}
    for number, model in enumerate(MODELS):
        if whole:
            _predict(workspace, known[model, "predict"], number, tables)
        _train(workspace, known[model, "train"], number)
    if whole:
        _lengthen(workspace, JOBS - len(known))
    return workspace


def _table(split: str, made: MadeSplit) -> ImageTable:
    image = np.array([f"{split}{number:06}" for number in range(len(made.study))])
    path = np.char.add(image, ".jpg")
    return ImageTable(
        split, tuple(PREVALENCE), image, made.study, made.patient, made.view, path, made.targets
    )


def _queue(workspace: Workspace, tables: dict[str, ImageTable]) -> None:
    loaded = load_recipe(RECIPE)
    prints = {split: table.fingerprint() for split, table in tables.items()}
    prints |= {"train": prints["dev"], "val": prints["dev"]}
    workspace.paths.targets.mkdir(parents=True)
    targets = []
    for split, table in (*tables.items(), ("train", replace(tables["dev"], split="train"))):
        path = workspace.paths.targets / f"{split}.parquet"
        write_targets(path, table)
        place = str(path.relative_to(workspace.paths.root))
        targets.append(TargetSetRecord(split, prints[split], place, sha256_file(path), len(table)))
    root = workspace.paths.root / "data"
    facts = DataFacts(root, KeptFile(path="", sha256=""), 0, prints)
    planned = plan_jobs(loaded.recipe, facts)
    record(
        workspace,
        recipe_entry(loaded.recipe, loaded.text, root, planned, targets),
        add_entry(planned.of_models(loaded.recipe, set(MODELS)), 0),
    )


def _begin(workspace: Workspace, job: Job, state: str) -> tuple[int, Path]:
    folder = workspace.paths.job(job.folder) / "attempt-1"
    folder.mkdir(parents=True)
    (folder / "log.txt").write_text(f"{job.name} attempt 1\n")
    started = time.time() - POINTS / 10
    start = AttemptStart(
        f"{job.model}-{job.kind}", 1, 0, "cpu0", "here", "boot", "", None, started, 128
    )
    with workspace.database.write() as connection:
        attempt = add_attempt(connection, job.id, start)
        update_attempt(connection, attempt, state=state)
    return attempt, folder


def _predict(workspace: Workspace, job: Job, number: int, tables: dict[str, ImageTable]) -> None:
    attempt, folder = _begin(workspace, job, "succeeded")
    (folder / "predictions").mkdir()
    for split, table in tables.items():
        scores = make_split(len(table)).scores(number)
        path = folder / "predictions" / f"{split}.parquet"
        ids = (table.image, table.study, table.patient, table.view)
        sha256 = write_predictions(path, PredictionSet(split, table.labels, *ids, scores))
        place = str(path.relative_to(workspace.paths.root))
        with workspace.database.write() as connection:
            kept = PredictionSetRecord(attempt, split, place, sha256, len(table))
            add_prediction_set(connection, kept, {})


def _train(workspace: Workspace, job: Job, number: int) -> None:
    attempt, _ = _begin(workspace, job, "running")
    began, end = time.time() - POINTS / 10, 2 * POINTS
    epochs = np.arange(1, EPOCHS // 2 + 1)
    with workspace.database.write() as connection:
        add_points(connection, list(_losses(attempt, began, number)))
        for split, name, low in (("train", "epoch_loss", 0.2), ("val", "loss", 0.22)):
            values = low + 0.3 * np.exp(-epochs / (5 + number))
            add_points(connection, _by_epoch(attempt, began, split, name, values))
        scores = 0.3 + number / 100 - 0.2 * np.exp(-epochs / (5 + number))
        add_points(connection, _by_epoch(attempt, began, "val", "map", scores))
        update_attempt(connection, attempt, step=POINTS, steps=end)


def _losses(attempt: int, began: float, seed: int) -> Iterator[Point]:
    steps = np.arange(1, POINTS + 1)
    noise = np.random.default_rng(seed).normal(0, 0.02, POINTS)
    values = 0.2 + 0.4 * np.exp(-steps / (POINTS / 5)) + noise
    epochs = steps * (EPOCHS / (2 * POINTS))
    rows = zip(steps.tolist(), epochs.tolist(), values.tolist(), strict=True)
    for step, epoch, value in rows:
        yield Point(attempt, "train", "loss", step, epoch, began + step / 10, value)


def _by_epoch(
    attempt: int,
    began: float,
    split: str,
    name: str,
    values: np.ndarray[tuple[int], np.dtype[np.float64]],
) -> list[Point]:
    length = 2 * POINTS // EPOCHS
    return [
        Point(
            attempt, split, name, epoch * length, float(epoch), began + epoch * length / 10, value
        )
        for epoch, value in enumerate(values.tolist(), 1)
    ]


def _lengthen(workspace: Workspace, count: int) -> None:
    """Queue as many jobs of another recipe, and let most of them look as if they had ended."""
    record(workspace, add_entry([planned_job(number) for number in range(count)], 0))
    with closing(sqlite3.connect(workspace.paths.database)) as connection, connection:
        states = " ".join(f"WHEN {place} THEN '{state}'" for place, state in enumerate(_STATES))
        connection.execute(
            f"UPDATE job SET state = CASE id % {len(_STATES)} {states} END WHERE recipe != ?",
            (RECIPE,),
        )
        for kind, state in (("train", "running"), ("predict", "succeeded"), ("pack", "succeeded")):
            connection.execute(
                "UPDATE job SET state = ? WHERE recipe = ? AND kind = ?", (state, RECIPE, kind)
            )
