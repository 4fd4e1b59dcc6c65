"""What a check of a workspace goes by, and what it comes to."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from db.jobs import job_specs, jobs
from db.lists import attempts_of_jobs
from db.records import Attempt, Job
from jobs.durable import sha256_file
from jobs.locks import is_locked
from jobs.paths import AttemptPaths
from jobs.workspace import Workspace

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fault:
    """Something that is damaged."""

    what: str
    remedy: str


@dataclass
class Check:
    """What was looked at, and what was found."""

    name: str
    looked_at: str = ""  # such as "12 files"
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # good to know, and no damage

    def fault(self, what: str, remedy: str) -> None:
        """Add a fault."""
        self.faults.append(Fault(what, remedy))


class Facts:
    """What the database says, read once, and the checksums of files, each read once."""

    def __init__(self, workspace: Workspace, progress: Progress | None) -> None:
        self.workspace = workspace
        self.paths = workspace.paths
        self.progress = progress
        self.supervised = is_locked(self.paths.supervisor_lock)
        # Folders first: whatever is in one of them by now has a row when the rows are read.
        self.folders = [one for one in self.paths.root.glob("runs/*/*/*") if one.is_dir()]
        with workspace.database.read() as connection:
            self.known = jobs(connection)
            self.specs: dict[int, dict[str, Any]] = job_specs(connection)
            self.attempts = attempts_of_jobs(connection, [job.id for job in self.known])
        self._sums: dict[Path, str] = {}

    @cached_property
    def by_folder(self) -> dict[Path, Job]:
        """The jobs by their folders."""
        return {self.paths.job(job.folder): job for job in self.known}

    def attempt_paths(self, job: Job, attempt: Attempt) -> AttemptPaths:
        """The files of an attempt."""
        return AttemptPaths(self.paths.job(job.folder) / f"attempt-{attempt.number}")

    def succeeded(self, *kinds: str) -> list[tuple[Job, Attempt]]:
        """Jobs of these kinds that have succeeded, each with its newest succeeded attempt."""
        found = []
        for job in self.known:
            ended = [one for one in self.attempts.get(job.id, ()) if one.state == "succeeded"]
            if job.kind in kinds and job.state == "succeeded" and ended:
                found.append((job, ended[-1]))
        return found

    def retry(self, job: Job) -> str:
        """How a person makes a job's result again."""
        name = f"{job.model}.{job.kind}"
        is_one = sum(f"{one.model}.{one.kind}" == name for one in self.known) == 1
        return f"cxrtui queue retry {name if is_one else job.id}"

    def shown(self, path: Path) -> str:
        """A path below the workspace."""
        root = self.paths.root
        return str(path.relative_to(root) if root in path.parents else path)

    def fault_of_file(self, path: Path, sha256: str) -> str | None:
        """What is wrong with a file that should have this SHA-256."""
        try:
            found = self._sums.get(path) or sha256_file(path)
        except OSError as error:
            return f"{self.shown(path)}: {(error.strerror or 'cannot be read').lower()}"
        self._sums[path] = found
        return None if found == sha256 else f"{self.shown(path)}: is not as it was written"

    def tell(self, done: int, of: Iterable[object]) -> None:
        """How many of these have been looked at."""
        if self.progress is not None:
            self.progress(done, len(list(of)))
