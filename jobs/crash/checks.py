"""What must be true after a crash test."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from jobs.crash.chain import loss_of
from jobs.crash.killing import started_by
from jobs.crash.program import last_state
from jobs.crash.report import CrashReport
from jobs.crash.tables import Round, Row, content
from jobs.locks import is_locked
from jobs.paths import AttemptPaths, attempt_folders
from jobs.processes import start_ticks
from jobs.queue.rebuild import rebuild_database
from jobs.workspace import Workspace

_TEMPORARY: Final = re.compile(r"\..+\.(\d+)\.tmp")
Point = tuple[str, str, int, float]  # split, name, step, value


def check_round(done: Round, workspace: Workspace, report: CrashReport) -> None:
    """Check the jobs of one recipe, which have all succeeded; no supervisor may run."""
    report.jobs += len(done.jobs)
    report.attempts += sum(len(rows) for rows in done.attempts.values())
    report.events += sum(len(events) for events in done.events.values())
    every = len(done.jobs)
    tries = sum(len(rows) for rows in done.attempts.values())
    report.look("every job that was asked for has succeeded", every, list(unfinished(done)))
    report.look("each by one attempt, its newest", every, list(repeated(done)))
    report.look("results are those of an unbroken run", every, list(wrong_results(done)))
    report.look("every whole event is in the database, once", tries, list(wrong_points(done)))
    report.look("no two attempts of a job at a time", every, list(overlapping(done)))
    report.look("each goes on from the newest checkpoint", every, list(fallen_back(done)))
    report.look("folders of attempts and rows are the same", every, list(wrong_folders(done)))
    report.look("every lock is free", tries + 1, list(held_locks(workspace, done)))
    base = workspace.paths.root.parent
    running = [f"process {one.pid} is left" for one in started_by(base)]
    report.look("nothing is left running", 1, running)
    size = workspace.paths.journal.stat().st_size
    applied = done.query("SELECT offset FROM journal_state")[0]["offset"]
    behind = [] if applied == size else [f"the journal has {size} bytes, {applied} are applied"]
    report.look("the journal is applied to its end", 1, behind)
    text = workspace.paths.supervisor_log.read_text(errors="replace")
    stumbled = ["supervisor.log tells of a traceback"] if "Traceback" in text else []
    report.look("no supervisor has stumbled", 1, stumbled)


def check_whole(workspace: Workspace, writers: set[int], report: CrashReport) -> None:
    """Check the workspace of all rounds: its temporary files, and that it can be made again."""
    root = workspace.paths.root
    faults = []
    for path in root.rglob(".*.tmp"):
        report.left_files += 1
        writer = _TEMPORARY.fullmatch(path.name)
        if writer is None or int(writer[1]) not in writers or start_ticks(int(writer[1])):
            faults.append(f"{path} is left, and its writer was not killed")
    report.look("temporary files are only those of killed writers", report.left_files, faults)
    before = content(root / "cxrtui.sqlite3")
    rebuilt = content(_rebuilt(root))
    different = [
        f"table {name}: {len(set(rows) ^ set(rebuilt[name]))} rows differ"
        for name, rows in before.items()
        if rows != rebuilt[name]
    ]
    rows = sum(map(len, before.values()))
    report.look("a rebuilt database says the same", rows, different)


def unfinished(done: Round) -> Iterator[str]:
    """Jobs that are missing or have not succeeded."""
    asked = {(model, kind) for model in done.models for kind in ("train", "predict")}
    there = {(job["model"], job["kind"]) for job in done.jobs}
    yield from (f"{model} {kind} is not there" for model, kind in sorted(asked - there))
    for job in done.jobs:
        if job["state"] != "succeeded":
            yield f"{job['model']} {job['kind']} is {job['state']}"


def repeated(done: Round) -> Iterator[str]:
    """Jobs that have not succeeded exactly once, by their newest attempt."""
    for job in done.jobs:
        ends = [row["state"] for row in done.attempts[job["id"]]]
        if ends.count("succeeded") != 1 or ends[-1] != "succeeded" or None in ends:
            yield f"{job['model']} {job['kind']}: its attempts ended as {', '.join(ends)}"


def wrong_results(done: Round) -> Iterator[str]:
    """Results that are not those of an unbroken run."""
    for job in done.jobs:
        found = done.results.get(job["key"])
        if found and last_state(done.root / job["folder"]) != found[-1]:
            yield f"{job['model']} {job['kind']}: another result than an unbroken run"


def wrong_points(done: Round) -> Iterator[str]:
    """Attempts whose rows are not what their whole lines tell, or not what is true."""
    for job in done.jobs:
        for row in done.attempts[job["id"]]:
            events = done.events[row["id"]]
            name = f"{job['model']} {job['kind']}, attempt {row['number']}"
            told = [point for event in events for point in _points(event)]
            statement = "SELECT split, name, step, value FROM point WHERE attempt_id = ?"
            taken = [tuple(point.values()) for point in done.query(statement, row["id"])]
            if sorted(told) != sorted(taken):
                yield f"{name}: told {len(told)} points, the database has {len(taken)}"
            true = done.results.get(job["key"], [])
            if true and any(value != loss_of(true[step]) for _, _, step, value in told):
                yield f"{name}: told numbers that no unbroken run tells"
            if [event["seq"] for event in events] != [*range(len(events))]:
                yield f"{name}: its events are not numbered from 0 on"
            if row["seq"] != len(events) - 1:
                yield f"{name}: the last event is {len(events) - 1}, taken in: {row['seq']}"


def overlapping(done: Round) -> Iterator[str]:
    """Attempts that told something while a later one of the same job did."""
    for job in done.jobs:
        last = 0.0
        for row in done.attempts[job["id"]]:
            times = [event["time"] for event in done.events[row["id"]]]
            if times and times[0] < last:
                yield f"{job['model']} {job['kind']}, attempt {row['number']} began too early"
            last = max([last, *times])


def fallen_back(done: Round) -> Iterator[str]:
    """Attempts to train that began before a checkpoint that an earlier one had told of."""
    for job in done.jobs:
        best = 0
        for row in done.attempts[job["id"]]:
            for event in done.events[row["id"]]:
                if event["kind"] == "started" and event["step"] < best:
                    yield f"{job['model']}, attempt {row['number']} began before step {best}"
                elif event["kind"] == "checkpoint":
                    best = max(best, event["step"])


def wrong_folders(done: Round) -> Iterator[str]:
    """Attempts that have a folder and no row, or a row and no folder."""
    for job in done.jobs:
        folders = set(attempt_folders(done.root / job["folder"]))
        rows = {row["number"] for row in done.attempts[job["id"]]}
        for number in sorted(folders ^ rows):
            where = "a folder and no row" if number in folders else "a row and no folder"
            yield f"{job['model']} {job['kind']}: attempt {number} has {where}"


def held_locks(workspace: Workspace, done: Round) -> Iterator[str]:
    """Locks of attempts, and the supervisor's, that somebody holds."""
    attempts = (
        AttemptPaths(done.folder(job, row)).lock
        for job in done.jobs
        for row in done.attempts[job["id"]]
    )
    for lock in (*attempts, workspace.paths.supervisor_lock):
        if is_locked(lock):
            yield f"{lock} is held"


def _rebuilt(root: Path) -> Path:
    """The database that the journal and the folders make, in a workspace beside this one."""
    beside = root.with_name("rebuilt")
    beside.mkdir()
    for name in ("workspace.toml", "journal.jsonl"):
        (beside / name).write_bytes((root / name).read_bytes())
    for name in ("runs", "cache"):
        (beside / name).symlink_to(root / name)
    rebuild_database(beside)
    return beside / "cxrtui.sqlite3"


def _points(event: Row) -> Iterator[Point]:
    if event["kind"] == "step":
        for name in event.keys() & {"loss", "lr", "images_per_second", "data_wait"}:
            yield "train", name, event["step"], event[name]
    elif event["kind"] == "epoch":
        yield "train", "epoch_loss", event["step"], event["train_loss"]
        yield "val", "loss", event["step"], event["val_loss"]
        yield "val", "map", event["step"], event["val_map"]
