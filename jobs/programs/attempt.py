"""The folder that a program was given, its job, and the data that the job names."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from jobs.checkpoints import attempts, number_of
from jobs.data.pixels import open_pixels
from jobs.data.reading import read_split
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.programs.endings import Stop
from jobs.spec import MEANINGS, PredictJob, TrainJob, read_job


@dataclass(frozen=True)
class SplitData:
    """One split: its table of N rows, and its images, (N, size, size) uint8."""

    table: ImageTable
    pixels: NDArray[np.uint8]


def open_attempt(argv: list[str]) -> Path:
    """The attempt's folder; given a `job.json`, the next one is made beside it.

    Raises InputError if the argument is neither, or if the attempt has been run already.
    """
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


def read_train_job(attempt: Path) -> TrainJob:
    """The attempt's job; InputError if it is not one to train."""
    job = _read_job(attempt)
    if not isinstance(job, TrainJob):
        raise InputError(f"{attempt.parent / 'job.json'}: kind is {job.kind!r}, expected 'train'")
    return job


def read_predict_job(attempt: Path) -> PredictJob:
    """The attempt's job; InputError if it is not one to predict."""
    job = _read_job(attempt)
    if not isinstance(job, PredictJob):
        raise InputError(f"{attempt.parent / 'job.json'}: kind is {job.kind!r}, expected 'predict'")
    return job


def open_split(job: TrainJob | PredictJob, attempt: Path, split: str, stop: Stop) -> SplitData:
    """Read one split of the job's data and open its pixels.

    Raises InputError if the data is not what it was when the job was queued, StoppedError.
    """
    root = Path(job.data_root)
    table = read_split(root, job.data, job.labels, split)
    if table.fingerprint() != job.fingerprints.get(split):
        raise InputError(
            f"{root}: split {split!r} has changed since the job was queued; queue anew"
        )
    if not len(table):
        raise InputError(f"{root}: split {split!r} has no images")
    stop.check()
    cache = attempt.parent / job.cache
    return SplitData(table, open_pixels(cache, root, table, job.settings.image_size, stop.check))


def _read_job(attempt: Path) -> TrainJob | PredictJob:
    path = attempt.parent / "job.json"
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
