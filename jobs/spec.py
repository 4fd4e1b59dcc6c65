"""`job.json`: all that a program needs to know, so that it can be run without a queue."""

from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from jobs.recipe.schema import DataSettings, ModelSettings, RunSettings

# Part of every key: raise one when its program's results change for the same settings.
MEANINGS: Final = {"train": 1, "predict": 1}


class _Job(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())

    key: str
    recipe: str
    stage: str
    model: str
    labels: tuple[str, ...]
    data_root: str  # absolute
    data: DataSettings
    fingerprints: dict[str, str]  # split -> fingerprint of its table
    cache: str  # folder for decoded pixels, relative to the job's folder or absolute
    settings: ModelSettings
    run: RunSettings
    meaning: int  # raised by hand when the program's meaning changes
    provenance: dict[str, Any] = {}


class TrainJob(_Job):
    """Train one model on split `train`, watching split `val`."""

    kind: Literal["train"] = "train"
    parent_job: str | None = None  # job folder of the parent model, relative to this one


class PredictJob(_Job):
    """Predict `splits` with the weights that `train_job` finished with."""

    kind: Literal["predict"] = "predict"
    train_job: str  # job folder, relative to this one
    splits: tuple[str, ...]


JobSpec = Annotated[TrainJob | PredictJob, Field(discriminator="kind")]
_ADAPTER: TypeAdapter[TrainJob | PredictJob] = TypeAdapter(JobSpec)


def read_job(path: Path) -> TrainJob | PredictJob:
    """Read a `job.json`; pydantic.ValidationError if it is not one."""
    return _ADAPTER.validate_json(path.read_bytes())
