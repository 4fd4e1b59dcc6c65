"""Verifies a workspace: the database, the journal, and every file that has a checksum."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from db.integrity import integrity_faults
from db.journal_state import applied_offset
from db.lists import requests_of_jobs
from jobs.errors import InputError
from jobs.locks import is_locked
from jobs.paths import AttemptPaths, WorkspacePaths, attempt_folders
from jobs.processes import host_name
from jobs.queue.entries import KINDS
from jobs.queue.history import job_state
from jobs.queue.journal import apply_journal
from jobs.room.artifacts import (
    check_artifacts,
    check_imports,
    check_packs,
    check_predictions,
    check_targets,
)
from jobs.room.facts import Check, Facts, Progress
from jobs.room.found import forgotten_keys
from jobs.room.jobfile import read_spec, says
from jobs.room.mirror import rebuild_differs
from jobs.workspace import Workspace, open_workspace

REBUILD = "cxrtui workspace rebuild"


def check_workspace(
    root: Path, progress: Progress | None = None, *, packs: bool = False
) -> Iterator[Check]:
    """One thing after another; with `packs` every pixel is read. InputError without a workspace.

    Where the database is damaged, what needs it is left out.
    """
    paths = WorkspacePaths(root)
    if not paths.settings.is_file():
        raise InputError(f"{root}: no workspace here")
    database = Check("database", "every page", [])
    for fault in integrity_faults(paths.database):
        database.fault(f"{paths.database.name}: {fault}", REBUILD)
    yield database
    journal = check_journal(paths)
    yield journal
    if database.faults:
        return
    workspace = open_workspace(root)
    yield from _check_open(workspace, journal, progress, packs=packs)


def _check_open(
    workspace: Workspace, journal: Check, progress: Progress | None, *, packs: bool
) -> Iterator[Check]:
    applied = check_applied(workspace)
    if workspace.database.can_write and not journal.faults and not applied.faults:
        apply_journal(workspace)
    yield applied
    facts = Facts(workspace, progress)
    yield check_jobs(facts)
    yield check_folders(facts)
    yield check_attempts(facts)
    yield check_artifacts(facts)
    yield check_predictions(facts)
    yield check_imports(facts)
    yield check_targets(facts)
    yield check_packs(facts, whole=packs)
    if journal.faults or applied.faults:
        yield Check("rebuild", "not tried, since the journal is damaged")
    else:
        yield check_rebuild(facts)


def check_journal(paths: WorkspacePaths) -> Check:
    """Every whole line is an entry of a known kind."""
    check = Check("journal")
    offset = lines = 0
    with paths.journal.open("rb") if paths.journal.exists() else BytesIO() as file:
        for line in file:
            _check_line(check, f"{paths.journal.name}: byte {offset}", line)
            offset, lines = offset + len(line), lines + 1
    check.looked_at = f"{lines:,} lines"
    return check


def _check_line(check: Check, place: str, line: bytes) -> None:
    if not line.endswith(b"\n"):
        check.notes.append(f"{place}: a torn last line, which the next command cuts off")
        return
    try:
        kind = json.loads(line)["kind"]
    except (ValueError, KeyError, TypeError):
        check.fault(f"{place}: this line is not an entry", "mend or remove the line")
        return
    if kind not in KINDS:
        check.fault(f"{place}: an entry of the unknown kind {kind!r}", "a newer cxrtui reads it")


def check_applied(workspace: Workspace) -> Check:
    """The database has seen whole lines of this journal, and no more than there are."""
    journal = workspace.paths.journal
    with workspace.database.read() as connection:
        offset = applied_offset(connection)
    size = journal.stat().st_size if journal.exists() else 0
    check = Check("journal in the database", f"{offset:,} of {size:,} bytes")
    remedy = f"restore {journal.name} from a backup, or accept what is left: {REBUILD}"
    if offset > size:
        check.fault(f"{journal.name}: is shorter than what the database has seen of it", remedy)
    elif offset:
        with journal.open("rb") as file:
            file.seek(offset - 1)
            if file.read(1) != b"\n":
                check.fault(f"{journal.name}: byte {offset} is not the end of a line", remedy)
    return check


def check_jobs(facts: Facts) -> Check:
    """Each job's `job.json` says what the database says."""
    check = Check("jobs", f"{len(facts.known):,} files job.json")
    for folder, job in facts.by_folder.items():
        path = folder / "job.json"
        if not says(path, facts.specs[job.id]):
            wrong = "is missing" if not path.exists() else "is not what was queued"
            check.fault(f"{facts.shown(path)}: {wrong}", REBUILD)
    return check


def check_folders(facts: Facts) -> Check:
    """No row without a folder, no folder without a row."""
    rows = sum(map(len, facts.attempts.values()))
    check = Check("folders", f"{len(facts.folders):,} of jobs, {rows:,} of attempts")
    for job in facts.known:
        for attempt in facts.attempts.get(job.id, ()):
            folder = facts.attempt_paths(job, attempt).folder
            if not folder.is_dir():
                remedy = facts.retry(job) if job.state == "succeeded" else REBUILD
                check.fault(f"{facts.shown(folder)}: is gone", remedy)
    forgotten = forgotten_keys(facts.paths.journal)
    for folder in facts.folders:
        if folder in facts.by_folder:
            continue
        spec = read_spec(folder / "job.json")
        if spec is not None and spec.get("key") in forgotten:
            taken = "`cxrtui workspace gc --yes` takes it"
            check.notes.append(f"{facts.shown(folder)}: of a forgotten job: {taken}")
        elif any(AttemptPaths(one).start.exists() for one in attempt_folders(folder).values()):
            remedy = f"restore journal.jsonl from a backup, then {REBUILD}; or move it away"
            check.fault(f"{facts.shown(folder)}: the journal knows of no such job", remedy)
        else:
            check.notes.append(f"{facts.shown(folder)}: is no job's")
    return check


def check_attempts(facts: Facts) -> Check:
    """What the next supervisor will find: attempts that have ended, or have no row yet."""
    live = [
        (job, attempt)
        for job in facts.known
        for attempt in facts.attempts.get(job.id, ())
        if attempt.ended is None
    ]
    check = Check("attempts", f"{len(live):,} not known to have ended")
    if facts.supervised:
        return check
    for job, attempt in live:
        name = f"{job.name}, attempt {attempt.number}"
        if attempt.host != host_name():
            check.notes.append(f"{name}: began on {attempt.host}: look there")
        elif not is_locked(facts.attempt_paths(job, attempt).lock):
            check.notes.append(f"{name}: has ended; the next supervisor takes it in")
    for folder, job in facts.by_folder.items():
        rows = {attempt.number for attempt in facts.attempts.get(job.id, ())}
        for number, attempt_folder in attempt_folders(folder).items():
            if number not in rows and AttemptPaths(attempt_folder).start.exists():
                name = f"{job.name}, attempt {number}"
                check.notes.append(f"{name}: has no row yet; the next supervisor makes it")
    return check


def check_rebuild(facts: Facts) -> Check:
    """A rebuilt database would say the same, but of jobs of which something is not taken in yet."""
    check = Check("rebuild")
    if facts.supervised:
        check.looked_at = "not tried while a supervisor runs"
    elif not facts.workspace.database.can_write:
        check.looked_at = "not tried in a read-only workspace"
    else:
        left_out = _pending(facts)
        differs = rebuild_differs(facts.workspace, facts.known, facts.specs, left_out)
        check.looked_at = f"{len(facts.known) - len(left_out):,} of {len(facts.known):,} jobs"
        for table, rows in differs.items():
            check.fault(f"table {table}: {rows:,} rows differ from a rebuilt database's", REBUILD)
    return check


def _pending(facts: Facts) -> set[str]:
    """Keys of jobs of which the next supervisor has something to take in or to carry out."""
    with facts.workspace.database.read() as connection:
        requests = requests_of_jobs(connection, [job.id for job in facts.known])
    found = set()
    for folder, job in facts.by_folder.items():
        attempts = facts.attempts.get(job.id, [])
        ended = {attempt.number for attempt in attempts if attempt.ended is not None}
        begun = {
            number
            for number, one in attempt_folders(folder).items()
            if AttemptPaths(one).start.exists()
        }
        asked = requests.get(job.id, [])
        state, _ = job_state(attempts, asked)
        if (begun | {one.number for one in attempts}) - ended or (
            asked and state != job.state and job.state != "blocked"
        ):
            found.add(job.key)
    return found
