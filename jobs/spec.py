"""`job.json`: all that a program needs to know, so that it can be run without a queue.

Paths in it are relative to the job's folder, or absolute.
"""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from jobs.recipe.schema import ModelSettings, PixelSettings, RunSettings

# Part of every key: raise one when its program's results change for the same settings.
MEANINGS: Final = {"pack": 1, "train": 1, "predict": 1}


class _Settings(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class KeptFile(_Settings):
    """What was known of the data when the job was queued, kept in the workspace."""

    path: str
    sha256: str


class _Job(_Settings):
    key: str
    recipe: str
    stage: str
    model: str
    pack: str  # folder of the pack: read by train and predict, written by pack
    run: RunSettings
    meaning: int  # raised by hand when the program's meaning changes
    provenance: dict[str, Any] = Field({}, exclude=True)  # of jobs from before attempts told it


class PackJob(_Job):
    """Decode `images` to squares of `size` pixels."""

    kind: Literal["pack"] = "pack"
    images: KeptFile  # a path a line, relative to the data folder, sorted
    data_root: str  # absolute
    size: int
    pixels: PixelSettings
    master: str | None = None  # folder of the larger pack that this one comes from


class TrainJob(_Job):
    """Train one model on split `train`, watching split `val`."""

    kind: Literal["train"] = "train"
    targets: dict[str, KeptFile]  # the table of each split
    labels: tuple[str, ...]
    settings: ModelSettings
    parent_job: str | None = None  # job folder of the parent model


class PredictJob(_Job):
    """Predict the splits of `targets` with the weights that `train_job` finished with."""

    kind: Literal["predict"] = "predict"
    targets: dict[str, KeptFile]  # the table of each split
    labels: tuple[str, ...]
    settings: ModelSettings
    train_job: str


JobSpec = PackJob | TrainJob | PredictJob
_ADAPTER: TypeAdapter[JobSpec] = TypeAdapter(Annotated[JobSpec, Field(discriminator="kind")])


def read_job(path: Path) -> JobSpec:
    """Read a `job.json`; pydantic.ValidationError if it is not one."""
    return _ADAPTER.validate_json(path.read_bytes())
