"""What queries answer with."""

from dataclasses import dataclass
from typing import Any, NamedTuple


@dataclass(frozen=True)
class RecipeRecord:
    """A recipe as it was last given."""

    id: int
    name: str
    version: str
    text: str
    data_root: str


@dataclass(frozen=True)
class ModelRecord:
    """A model of a recipe with its resolved settings and keys."""

    name: str
    stage: str
    parent: str | None
    optional: bool
    settings: dict[str, Any]
    train_key: str
    predict_key: str


@dataclass(frozen=True)
class NewJob:
    """A job as the journal gives it."""

    key: str
    kind: str
    recipe: str
    stage: str
    model: str
    folder: str
    needs: tuple[str, ...]  # keys of jobs that must have succeeded
    priority: int
    queued: float
    spec: dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One unit of the queue."""

    id: int
    key: str
    kind: str
    recipe: str
    stage: str
    model: str
    folder: str
    needs: tuple[str, ...]  # keys of jobs that must have succeeded
    priority: int
    state: str
    reason: str
    queued: float

    @property
    def name(self) -> str:
        """What a person calls it: `model3 train`."""
        return f"{self.model} {self.kind}"


@dataclass(frozen=True)
class Request:
    """What a person asked of a job, at a place in the journal."""

    journal: int
    verb: str
    value: int | None
    time: float


@dataclass(frozen=True)
class AttemptStart:
    """What is known of an attempt before it runs."""

    uid: str
    number: int
    journal: int
    slot: str
    host: str
    boot: str  # boot id of the host
    gpu: str  # what GPU, as its driver calls it; "" for none
    gpu_bytes: int | None  # memory of one such GPU
    started: float
    micro_batch: int | None  # images at once; None for a pack

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """The names of its fields."""
        return tuple(cls.__dataclass_fields__)


@dataclass(frozen=True)
class Attempt:
    """One process working on a job."""

    id: int
    uid: str
    job_id: int
    number: int
    state: str
    journal: int
    slot: str
    host: str
    boot: str
    gpu: str
    gpu_bytes: int | None
    started: float
    micro_batch: int | None
    ended: float | None
    exit_code: int | None
    signal: int | None
    peak_bytes: int | None  # of the program's memory
    gpu_peak: int | None  # bytes of one GPU, the most that was told
    reason: str
    offset: int
    seq: int
    step: int
    steps: int | None
    checkpoint: int


class Point(NamedTuple):
    """One number of an attempt; a tuple, since there are millions."""

    attempt_id: int
    split: str
    name: str
    step: int
    epoch: float
    time: float
    value: float | None


@dataclass(frozen=True)
class PredictionSetRecord:
    """A model's probabilities for a split: where they are, and their checksum."""

    attempt_id: int
    split: str
    path: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class TargetSetRecord:
    """The labels of a split: where they are, and their checksum."""

    split: str
    fingerprint: str
    path: str
    sha256: str
    rows: int


@dataclass(frozen=True)
class ImportedSetRecord:
    """Probabilities for a split that were made elsewhere: where they are, and their checksum."""

    name: str
    split: str
    path: str
    sha256: str
    rows: int
    source: str  # the file that they came from


@dataclass(frozen=True)
class EnsembleRecord:
    """A saved ensemble."""

    name: str
    averaging: str
    view_rule: str
    frontal_weight: float
    members: dict[str, float]  # weights
    key: str | None  # when it was saved; None: by a cxrtui that kept none
    member_keys: dict[str, str | None]  # alike
