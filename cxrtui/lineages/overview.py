"""The state of a recipe's models and jobs at one moment, and which model started from which."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from db.jobs import count_by_state
from db.journal_state import is_frozen
from db.lists import attempts_of_jobs, jobs_with_keys
from db.predictions import predicted_splits
from db.recipes import models_of, recipe_named
from db.records import Attempt, Job, ModelRecord

_FIRST_TO_TELL = ("failed", "running", "paused", "held", "blocked", "cancelled", "queued")


@dataclass(frozen=True)
class AttemptView:
    """An attempt: its points are found by `id`, its log in `folder` below the workspace."""

    id: int
    number: int
    started: float
    state: str
    folder: str


@dataclass(frozen=True)
class ModelView:
    """A model and what its train and predict jobs are doing."""

    name: str
    stage: str
    parent: str | None
    optional: bool
    image_size: int
    batch_size: int
    epochs: int
    state: str  # of the job that matters most now; "" without any job
    kind: str  # of that job: train or predict
    reason: str
    step: int
    steps: int | None  # of the train job
    trainings: tuple[AttemptView, ...]
    predicted: tuple[str, ...]  # splits with finished predictions
    oversampling_threshold: float | None = None
    predictions: tuple[AttemptView, ...] = ()

    @property
    def attempts(self) -> tuple[AttemptView, ...]:
        """Of the train job and the predict job, the newest first."""
        every = (*self.trainings, *self.predictions)
        return tuple(sorted(every, key=lambda one: one.started, reverse=True))

    @property
    def progress(self) -> float | None:
        """Share of the training that is done, if it is known."""
        return min(self.step / self.steps, 1.0) if self.steps else None


@dataclass(frozen=True)
class PackView:
    """A pack that is not made yet: images are being decoded, or wait to be."""

    name: str
    state: str
    reason: str
    step: int
    steps: int | None

    @property
    def progress(self) -> float | None:
        """Share of the images that are decoded, if it is known."""
        return min(self.step / self.steps, 1.0) if self.steps else None


@dataclass(frozen=True)
class Overview:
    """A recipe's models and the queue, without curves."""

    recipe: str
    models: tuple[ModelView, ...]  # by stage
    packs: tuple[PackView, ...]
    counts: tuple[tuple[str, int], ...]
    frozen: bool

    def model(self, name: str) -> ModelView:
        """The model of that name; KeyError if there is none."""
        for model in self.models:
            if model.name == name:
                return model
        raise KeyError(name)

    def lineage(self, name: str) -> tuple[ModelView, ...]:
        """The model and all that it started from, the root first."""
        line = [self.model(name)]
        while (parent := line[0].parent) is not None:
            line.insert(0, self.model(parent))
        return tuple(line)


def read_overview(connection: Connection, recipe: str) -> Overview:
    """What the database says of a recipe; one that it does not know has no models."""
    counts = tuple(sorted(count_by_state(connection).items()))
    frozen = is_frozen(connection)
    found = recipe_named(connection, recipe)
    if found is None:
        return Overview(recipe, (), (), counts, frozen)
    records = models_of(connection, found.id)
    keys = [key for model in records for key in (model.train_key, model.predict_key)]
    jobs = {job.key: job for job in jobs_with_keys(connection, keys)}
    stages = list(dict.fromkeys(record.stage for record in records))
    attempts = attempts_of_jobs(connection, [job.id for job in jobs.values()])
    predicted = predicted_splits(connection, [model.predict_key for model in records])
    views = (
        _model(record, jobs, attempts, predicted.get(record.predict_key, ())) for record in records
    )
    ordered = sorted(views, key=lambda model: stages.index(model.stage))
    return Overview(recipe, tuple(ordered), _packs(connection, jobs.values()), counts, frozen)


def _packs(connection: Connection, jobs: Iterable[Job]) -> tuple[PackView, ...]:
    """The packs that these jobs wait for, masters before those that come from them."""
    waiting = [job for job in jobs if job.state != "succeeded"]
    packs: dict[str, Job] = {}
    while waiting:
        keys = sorted({key for job in waiting for key in job.needs})
        waiting = [
            job
            for job in jobs_with_keys(connection, keys)
            if job.kind == "pack" and job.state != "succeeded" and job.key not in packs
        ]
        packs.update((job.key, job) for job in waiting)
    attempts = attempts_of_jobs(connection, [job.id for job in packs.values()]) if packs else {}
    ordered = sorted(packs.values(), key=lambda job: job.id)
    return tuple(_pack(job, attempts.get(job.id, ())) for job in ordered)


def _pack(job: Job, attempts: Sequence[Attempt]) -> PackView:
    step, steps = (attempts[-1].step, attempts[-1].steps) if attempts else (0, None)
    return PackView(job.name, job.state, job.reason, step, steps)


def _model(
    record: ModelRecord,
    jobs: Mapping[str, Job],
    attempts_of: Mapping[int, Sequence[Attempt]],
    predicted: Iterable[str],
) -> ModelView:
    own = [jobs[key] for key in (record.train_key, record.predict_key) if key in jobs]
    attempts = {job.kind: attempts_of.get(job.id, ()) for job in own}
    views = {job.kind: _attempts(job, attempts[job.kind]) for job in own}
    telling = _telling(own)
    newest_training = attempts["train"][-1] if attempts.get("train") else None
    settings: dict[str, Any] = record.settings
    return ModelView(
        name=record.name,
        stage=record.stage,
        parent=record.parent,
        optional=bool(record.optional),
        image_size=int(settings["image_size"]),
        batch_size=int(settings["batch_size"]),
        epochs=int(settings["epochs"]),
        state=telling.state if telling else "",
        kind=telling.kind if telling else "",
        reason=telling.reason if telling else "",
        step=newest_training.step if newest_training else 0,
        steps=newest_training.steps if newest_training else None,
        trainings=views.get("train", ()),
        predictions=views.get("predict", ()),
        predicted=tuple(sorted(predicted)),
        oversampling_threshold=settings.get("oversampling_threshold"),
    )


def _telling(own: Sequence[Job]) -> Job | None:
    """The job whose state a person wants to know: training, until it has succeeded."""
    if own and own[0].kind == "train" and own[0].state != "succeeded":
        return own[0]
    for state in _FIRST_TO_TELL:
        for job in own:
            if job.state == state:
                return job
    return own[-1] if own else None


def _attempts(job: Job, attempts: Sequence[Attempt]) -> tuple[AttemptView, ...]:
    return tuple(
        AttemptView(
            one.id, one.number, one.started, one.state, f"{job.folder}/attempt-{one.number}"
        )
        for one in attempts
    )
