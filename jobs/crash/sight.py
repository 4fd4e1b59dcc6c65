"""What a crash test sees of its workspace from outside: files, `/proc`, and the database."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from db.attempts import attempts_of
from db.jobs import jobs
from db.journal_state import applied_offset
from db.records import Job
from jobs.checkpoints import MANIFEST, number_of
from jobs.crash.cells import BEGUN, ENDED, FINISHING, PACKING, SAVING, STARTING, STEPPING, Cell
from jobs.crash.killing import arguments, find, parent
from jobs.crash.program import SPLITS, WEIGHTS
from jobs.paths import AttemptPaths
from jobs.processes import Identity, children
from jobs.workspace import Workspace

OPEN: Final = ("queued", "running", "blocked", "failed")


@dataclass(frozen=True)
class Seen:
    """An attempt at this moment."""

    job: Job
    paths: AttemptPaths
    state: str
    guard: Identity | None
    runner: Identity | None
    program: Identity | None


@dataclass(frozen=True)
class Victim:
    """A process that can be killed now, and the attempt for whose state it was chosen."""

    process: Identity
    attempt: AttemptPaths | None


class Sight:
    """The open jobs of a workspace, and their newest attempts."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.open_jobs: list[Job] = []
        self._newest: dict[str, int] = {}  # number of the newest attempt by job folder
        self._over: set[Path] = set()  # attempts whose end is in the database
        self._processes: dict[Path, tuple[Identity, Identity]] = {}

    def look_for_jobs(self) -> None:
        """Read from the database which jobs are not done."""
        with self.workspace.database.read() as connection:
            self.open_jobs = jobs(connection, OPEN)

    def knows_all_that_was_asked(self) -> bool:
        """Whether the database has seen every whole line of the journal.

        A command that was killed right after it has written one leaves that to the supervisor.
        """
        with self.workspace.database.read() as connection:
            applied = applied_offset(connection)
        with self.workspace.paths.journal.open("rb") as file:
            file.seek(applied)
            return b"\n" not in file.read()

    def supervisor(self) -> Identity | None:
        """The supervisor that runs now, by what its lock file says."""
        try:
            said = json.loads(self.workspace.paths.supervisor_lock.read_bytes())
        except (FileNotFoundError, ValueError):
            return None
        ours = {"jobs.queue.supervisor", str(self.workspace.paths.root)}
        return find(said["pid"]) if ours <= set(arguments(said["pid"])) else None

    def attempts(self) -> list[Seen]:
        """The newest attempt of each open job, where its end is not known yet."""
        return [seen for job in self.open_jobs if (seen := self._look(job)) is not None]

    def victims(self, cell: Cell) -> list[Victim]:
        """The processes of a role, where an attempt is in the state."""
        found = [seen for seen in self.attempts() if seen.state == cell.state]
        if cell.state == ENDED:
            found = [seen for seen in found if not self._is_over(seen.job, seen.paths)]
        if cell.role == "supervisor":
            one = self.supervisor() if found else None
            return [] if one is None else [Victim(one, seen.paths) for seen in found]
        return [
            Victim(process, seen.paths) for seen in found for process in _processes(seen, cell.role)
        ]

    def state_of(self, attempt: AttemptPaths) -> str | None:
        """The state of an attempt that was seen before; None if it is over."""
        seen = next((one for one in self.attempts() if one.paths == attempt), None)
        if seen is None or (seen.state == ENDED and self._is_over(seen.job, attempt)):
            return None
        return seen.state

    def newest_of(self, job: Job) -> int:
        """The number of a job's newest attempt that was seen."""
        return self._newest.get(job.folder, 0)

    def pids_of(self, attempt: AttemptPaths) -> set[int]:
        """Pids of the runner and the program of an attempt, where they have been seen."""
        return {one.pid for one in self._processes.get(attempt.folder, ())}

    def _look(self, job: Job) -> Seen | None:
        folder = self.workspace.paths.job(job.folder)
        number = self._newest.get(job.folder, 0)
        while (folder / f"attempt-{number + 1}").exists():
            number += 1
        self._newest[job.folder] = number
        paths = AttemptPaths(folder / f"attempt-{number}")
        if number == 0 or paths.folder in self._over:
            return None
        known = self._identities(paths)
        if known is None:
            guard, runner = self._beginning(paths)
        else:
            runner = known[0] if known[0].lives() else None
            guard = _guard_of(runner, paths) if runner is not None else None
        if runner is not None:
            program = known[1] if known is not None else None
            return Seen(job, paths, _state(job, paths), guard, runner, program)
        state = ENDED if paths.runner.exists() else STARTING
        return Seen(job, paths, state, None, None, None)

    def _identities(self, paths: AttemptPaths) -> tuple[Identity, Identity] | None:
        if paths.folder not in self._processes:
            try:
                said = json.loads(paths.runner.read_bytes())
            except FileNotFoundError:
                return None
            found = Identity(**said["runner"]), Identity(**said["program"])
            self._processes[paths.folder] = found
        return self._processes[paths.folder]

    def _beginning(self, paths: AttemptPaths) -> tuple[Identity | None, Identity | None]:
        """Guard and runner before they say who they are: a child of the supervisor, and its own."""
        supervisor = self.supervisor()
        first = _runner_among(children(supervisor.pid), paths) if supervisor else None
        second = _runner_among(children(first.pid), paths) if first else None
        return (first, second) if second else (None, first)

    def _is_over(self, job: Job, attempt: AttemptPaths) -> bool:
        """Whether the end of an attempt is in the database; what is over is seen no more."""
        with self.workspace.database.read() as connection:
            rows = attempts_of(connection, job.id)
        number = number_of(attempt.folder)
        if any(row.number == number and row.ended is not None for row in rows):
            self._over.add(attempt.folder)
        return attempt.folder in self._over


def _runner_among(pids: list[int], paths: AttemptPaths) -> Identity | None:
    """The one of these processes that has the command line of the attempt's runner."""
    ours = {"jobs.runner", str(paths.folder)}
    return next((find(pid) for pid in pids if ours <= set(arguments(pid))), None)


def _guard_of(runner: Identity, paths: AttemptPaths) -> Identity | None:
    """The parent of a runner, if that is its guard."""
    pid = parent(runner.pid)
    return None if pid is None else _runner_among([pid], paths)


def _processes(seen: Seen, role: str) -> list[Identity]:
    if role in ("guard", "runner"):
        one = seen.guard if role == "guard" else seen.runner
        return [] if one is None else [one]
    if seen.program is None or not seen.program.lives():
        return []
    if role == "program":
        return [seen.program]
    return [one for pid in children(seen.program.pid) if (one := find(pid)) is not None]


def _state(job: Job, paths: AttemptPaths) -> str:
    """The state of an attempt whose runner lives."""
    if not paths.runner.exists():
        return STARTING
    if job.kind == "pack":
        return PACKING
    if not paths.events.exists() or paths.events.stat().st_size == 0:
        return BEGUN
    last = WEIGHTS if job.kind == "train" else f"predictions/{SPLITS[-1]}.txt"
    if paths.result.exists() or (paths.folder / last).exists():
        return FINISHING
    saving = (
        not (folder / MANIFEST).exists() for folder in paths.folder.glob("checkpoints/step-*")
    )
    return SAVING if any(saving) else STEPPING
