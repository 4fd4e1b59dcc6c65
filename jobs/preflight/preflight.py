"""Tries every setting of a plan once, and says what cannot fit before anything is queued."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from jobs.errors import InputError
from jobs.paths import WorkspacePaths
from jobs.planned import PlannedJob
from jobs.preflight.amounts import Amounts
from jobs.preflight.bench import Bench, bench
from jobs.preflight.decoding import decode_rate
from jobs.preflight.forecast import Forecast, forecast
from jobs.preflight.kept import find_kept, keep, read_kept
from jobs.preflight.measure import UnfitError, measure
from jobs.preflight.room import Disk, begun_bytes, disks
from jobs.preflight.setting import Measured, Setting
from jobs.preflight.wanted import ranks_of, settings_of
from jobs.prepare import PreparedData
from jobs.workspace import WorkspaceSettings

# Images times pixels that networks go over: two million images of 224 px. Below it, to run the
# recipe takes minutes, and a preflight would hardly be shorter.
COSTLY: Final = 1e11

Progress = Callable[[str, int, int], None]  # what is done now, how much was done, of how much


@dataclass(frozen=True)
class Question:
    """What is to be run, and where."""

    root: Path  # of the workspace, which need not be there
    settings: WorkspaceSettings
    jobs: Sequence[PlannedJob]  # that would run
    amounts: Amounts
    data: PreparedData | None = None  # None where it is not written yet

    @property
    def is_costly(self) -> bool:
        """Whether so much is at stake that a preflight is made without being asked for."""
        return sum(map(self.amounts.cost, self.jobs)) > COSTLY


@dataclass(frozen=True)
class Tried:
    """One setting, and what came of it."""

    setting: Setting
    jobs: Sequence[PlannedJob]
    measured: Measured | None = None  # None where it was not tried, or does not fit
    fault: str = ""

    @property
    def models(self) -> list[str]:
        """The models that have it."""
        return list(dict.fromkeys(job.model for job in self.jobs))

    @property
    def name(self) -> str:
        """What a person calls it."""
        at_once = f"{self.setting.images_at_once} images at once"
        return f"{', '.join(self.models)} ({self.setting.image_size} px, {at_once})"

    @property
    def warning(self) -> str:
        """That fewer images at once fit than the recipe wants; "" if all do."""
        if self.measured is None or self.measured.images_at_once == self.setting.images_at_once:
            return ""
        fit = self.measured.images_at_once
        return f"{self.name}: not so many fit; {fit} do, and batch norm sees no more at a time"


@dataclass(frozen=True)
class Findings:
    """What a preflight found."""

    bench: Bench
    tried: list[Tried]
    jobs: Sequence[PlannedJob]
    amounts: Amounts
    forecast: Forecast
    disks: list[Disk]
    decode_rate: float | None  # images a second, where packs are missing
    faults: list[str] = field(default_factory=list)

    @property
    def warnings(self) -> list[str]:
        """What goes on in spite of it."""
        return [one.warning for one in self.tried if one.warning]


def preflight(question: Question, progress: Progress, *, anew: bool) -> Findings:
    """Try what is not known yet, everything if `anew`, and tell what the jobs will take.

    What was measured is kept in the workspace as soon as it is known, if there is a workspace.
    """
    networks = [job for job in question.jobs if job.kind != "pack"]
    needs_gpu = any(job.spec["run"]["device"] == "cuda" for job in networks)
    with bench(question.settings, needs_gpu=needs_gpu) as found:
        tried = _try_all(question, found, progress, anew)
    rate, faults = None, [f"{one.name}: {one.fault}" for one in tried if one.fault]
    faults += _too_many_gpus(networks, found.gpus)
    try:
        rate = _decode_rate(question, found, progress)
    except InputError as error:
        faults.append(str(error))
    trials = {job.key: one.measured.trial for one in tried if one.measured for job in one.jobs}
    expected = forecast(question.jobs, question.amounts, trials, rate, found.slots, found.gpus)
    written = _disks(question, expected)
    keep_free = question.settings.keep_free_gib * 2**30
    faults += [fault for disk in written if (fault := disk.fault(keep_free))]
    return Findings(found, tried, question.jobs, question.amounts, expected, written, rate, faults)


def _try_all(question: Question, found: Bench, progress: Progress, anew: bool) -> list[Tried]:
    paths = WorkspacePaths(question.root)
    kept = [] if anew and not found.obstacle else read_kept(paths.preflight)
    wanted = settings_of(question.jobs, found.gpus)
    tried = []
    for number, (setting, jobs) in enumerate(wanted.items()):
        one = Tried(setting, jobs, find_kept(kept, found.device, setting))
        if one.measured is None and not found.obstacle:
            progress(one.name, number, len(wanted))
            try:
                measured = measure(setting, found.device, found.environment, found.locks)
                one = Tried(setting, jobs, measured)
            except UnfitError as error:
                one = Tried(setting, jobs, fault=str(error))
            if one.measured is not None and question.root.is_dir():
                keep(paths.preflight, [one.measured])
        tried.append(one)
    progress("", len(wanted), len(wanted))
    return tried


def _too_many_gpus(networks: Sequence[PlannedJob], gpus: int) -> list[str]:
    wanting = [job for job in networks if ranks_of(job, gpus) > max(1, gpus)]
    return [
        f"{job.model}: needs {ranks_of(job, gpus)} GPUs: this workspace can use {gpus}"
        for job in wanting
    ]


def _decode_rate(question: Question, found: Bench, progress: Progress) -> float | None:
    """Images decoded a second, if there are any to decode; InputError if none can be read."""
    masters = [job for job in question.jobs if job.kind == "pack" and not job.spec["master"]]
    if question.data is None or not masters:
        return None
    progress("decoding", 0, 1)
    names = np.concatenate([table.path for table in question.data.tables.values()])
    spec = masters[0].spec
    return decode_rate(
        question.data.root, names, spec["size"], spec["pixels"]["resize"], found.cores
    )


def _disks(question: Question, expected: Forecast) -> list[Disk]:
    packs = [job for job in question.jobs if job.kind == "pack"]
    left = max(0, expected.packs - begun_bytes(question.root, packs))
    needs = {}
    if left:
        needs["packs"] = (WorkspacePaths(question.root).cache, left)
    if expected.runs:
        needs["checkpoints and predictions"] = (question.root / "runs", expected.runs)
    return disks(needs)
