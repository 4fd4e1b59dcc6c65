"""Checks of what jobs have made, and of what they are made from, against checksums."""

from pathlib import Path
from typing import Any

from db.imports import all_imports
from db.predictions import prediction_sets
from db.recipes import all_targets
from db.records import Job
from jobs.data.pixels.pack import MANIFEST, open_pack, verify_pack
from jobs.errors import DamagedError, InputError
from jobs.events import last_event
from jobs.paths import AttemptPaths
from jobs.room.facts import Check, Facts


def check_artifacts(facts: Facts) -> Check:
    """What succeeded jobs have told to have made."""
    check = Check("artifacts")
    files = 0
    succeeded = facts.succeeded("pack", "train", "predict")
    for done, (job, attempt) in enumerate(succeeded):
        facts.tell(done, succeeded)
        paths = facts.attempt_paths(job, attempt)
        artifacts = _artifacts(paths)
        if artifacts is None:
            shown = facts.shown(paths.events)
            check.fault(f"{shown}: does not end with `finished`", facts.retry(job))
            continue
        files += len(artifacts)
        for one in artifacts:
            fault = facts.fault_of_file(paths.folder / one["path"], one["sha256"])
            if fault is not None:
                check.fault(fault, facts.retry(job))
    check.looked_at = f"{files:,} files of {len(succeeded):,} jobs"
    return check


def check_predictions(facts: Facts) -> Check:
    """The files of the prediction sets that the database knows."""
    check = Check("prediction sets")
    found = []
    with facts.workspace.database.read() as connection:
        for job, _ in facts.succeeded("predict"):
            found += [(job, one) for one in prediction_sets(connection, job.key).values()]
    for done, (job, record) in enumerate(found):
        facts.tell(done, found)
        fault = facts.fault_of_file(facts.paths.root / record.path, record.sha256)
        if fault is not None:
            check.fault(fault, facts.retry(job))
    check.looked_at = f"{len(found):,} files"
    return check


def check_imports(facts: Facts) -> Check:
    """The predictions that were made elsewhere."""
    check = Check("imports")
    with facts.workspace.database.read() as connection:
        found = all_imports(connection)
    for done, one in enumerate(found):
        facts.tell(done, found)
        fault = facts.fault_of_file(facts.paths.root / one.path, one.sha256)
        if fault is not None:
            check.fault(fault, f"cxrtui ensemble import {one.name} {one.source}")
    check.looked_at = f"{len(found):,} files"
    return check


def check_targets(facts: Facts) -> Check:
    """The labels of splits and the lists of images that recipes and unfinished jobs refer to."""
    check = Check("targets and image lists")
    with facts.workspace.database.read() as connection:
        wanted = {(facts.paths.root / one.path, one.sha256) for one in all_targets(connection)}
    for job in facts.known:
        wanted |= _read_by(facts, job)
    for done, (path, sha256) in enumerate(sorted(wanted)):
        facts.tell(done, wanted)
        fault = facts.fault_of_file(path, sha256)
        if fault is not None:
            check.fault(fault, "cxrtui run-all, which writes it anew from the data folder")
    check.looked_at = f"{len(wanted):,} files"
    return check


def check_packs(facts: Facts, *, whole: bool) -> Check:
    """The packs of succeeded jobs: their lists and lengths, or if `whole` every pixel."""
    check = Check("packs")
    made = facts.succeeded("pack")
    for job, _ in made:
        folder = facts.paths.beside(job.folder, facts.specs[job.id]["pack"])
        if not (folder / MANIFEST).exists():
            check.notes.append(f"{facts.shown(folder)} is gone: `cxrtui data pack` makes it again")
            continue
        try:
            if whole:
                verify_pack(folder, facts.progress)
            else:
                open_pack(folder)
        except (InputError, DamagedError) as error:
            what, _, remedy = str(error).partition("; ")
            check.fault(what, remedy or "cxrtui data pack")
    how = "every pixel" if whole else "without their pixels: --packs reads them"
    check.looked_at = f"{len(made):,}, {how}"
    return check


def _artifacts(paths: AttemptPaths) -> list[dict[str, Any]] | None:
    """What the `finished` event names; None if it is not the last."""
    last = last_event(paths.events)
    if last is None or last.kind != "finished":
        return None
    artifacts: list[dict[str, Any]] = last.fields["artifacts"]
    return artifacts


def _read_by(facts: Facts, job: Job) -> set[tuple[Path, str]]:
    """The kept files that a job will read which has not ended."""
    spec = facts.specs[job.id]
    if job.state in ("succeeded", "cancelled"):
        return set()
    kept = [*spec.get("targets", {}).values(), *filter(None, [spec.get("images")])]
    return {(facts.paths.beside(job.folder, file["path"]), file["sha256"]) for file in kept}
