"""The folder that a program was given, its job, and the data that the job names."""

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from jobs.checkpoints import attempts, number_of
from jobs.data.pixels.pack import Pack, open_pack
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.provenance import write_provenance
from jobs.spec import MEANINGS, JobSpec, PackJob, PredictJob, TrainJob, read_job
from jobs.targets import read_targets

_Job = TypeVar("_Job", PackJob, TrainJob, PredictJob)


@dataclass(frozen=True, eq=False)
class SplitData:
    """One split: its table of N images, and where each is in the pack."""

    table: ImageTable
    pack: Pack
    rows: NDArray[np.intp]  # (N,) of the pack

    def gather(self, rows: NDArray[np.intp], out: NDArray[np.uint8]) -> None:
        """Copy the images of these B rows of the table to `out`, (B, size, size)."""
        # Any mode but "raise" copies straight to `out`; the pack has checked the row numbers.
        np.take(self.pack.pixels, self.rows[rows], axis=0, out=out, mode="clip")


def open_attempt(argv: list[str]) -> Path:
    """The attempt's folder; given a `job.json`, the next one is made beside it.

    What runs there, and on what, is written into it. Raises InputError if the argument is neither,
    or if the attempt has been run already.
    """
    folder = _attempt_folder(argv)
    write_provenance(folder, {})
    return folder


def _attempt_folder(argv: list[str]) -> Path:
    if len(argv) != 1:
        raise InputError(f"expected one argument, an attempt folder or a job.json, got {len(argv)}")
    given = Path(argv[0]).absolute()
    if given.is_file():
        earlier = attempts(given.parent)
        folder = given.parent / f"attempt-{number_of(earlier[-1]) + 1 if earlier else 1}"
        folder.mkdir()
        return folder
    if not given.is_dir():
        raise InputError(f"{given}: no such attempt folder or job.json")
    events = given / "events.jsonl"
    if events.exists() and events.stat().st_size:
        raise InputError(f"{given}: has been run already; a retry needs a new attempt folder")
    return given


def read_attempt_job(attempt: Path, kind: type[_Job]) -> _Job:
    """The attempt's job; InputError if it is not one of this kind."""
    path = attempt.parent / "job.json"
    job = _read_job(path)
    if not isinstance(job, kind):
        wanted = kind.model_fields["kind"].default
        raise InputError(f"{path}: kind is {job.kind!r}, expected {wanted!r}")
    micro_batch = read_orders(attempt).get("micro_batch")
    if micro_batch is None:
        return job
    return job.model_copy(update={"run": job.run.model_copy(update={"micro_batch": micro_batch})})


def read_orders(attempt: Path) -> dict[str, Any]:
    """What the supervisor decided for this attempt; nothing where a person runs it by hand."""
    try:
        orders: dict[str, Any] = json.loads((attempt / "attempt.json").read_bytes())
    except FileNotFoundError:
        return {}
    return orders


def path_from(attempt: Path, path: str) -> Path:
    """A path of the attempt's job: absolute, or relative to the job's folder."""
    return Path(os.path.normpath(attempt.parent / path))


def read_tables(job: TrainJob | PredictJob, attempt: Path) -> dict[str, ImageTable]:
    """The tables of the job's splits; InputError for one without images, DamagedError."""
    tables = {}
    for split, file in job.targets.items():
        path = path_from(attempt, file.path)
        tables[split] = read_targets(path, file.sha256)
        if not len(tables[split]):
            raise InputError(f"{path}: split {split!r} has no images")
    return tables


def open_splits(job: TrainJob | PredictJob, attempt: Path) -> dict[str, SplitData]:
    """The job's splits by name, in its order; no image is read yet.

    Raises InputError where the job does not fit its tables or its pack, or there is no pack;
    DamagedError where one of them is not as it was written.
    """
    tables = read_tables(job, attempt)
    for split, table in tables.items():
        if table.labels != job.labels:
            raise InputError(f"{attempt.parent / 'job.json'}: split {split!r} has other labels")
    pack = open_pack(path_from(attempt, job.pack))
    if pack.size != job.settings.image_size:
        raise InputError(
            f"{pack.folder}: its images are of {pack.size} px, the model takes "
            f"{job.settings.image_size} px"
        )
    return {split: SplitData(table, pack, pack.rows(table.path)) for split, table in tables.items()}


def _read_job(path: Path) -> JobSpec:
    try:
        job = read_job(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the file"
        raise InputError(f"{path}: {field}: {first['msg']}") from error
    if job.meaning != MEANINGS[job.kind]:
        raise InputError(
            f"{path}: meaning is {job.meaning}, this program's is {MEANINGS[job.kind]}: it was "
            "queued by another version of cxrtui; queue anew"
        )
    return job
