"""A second workspace beside the first: its database is made anew, its runs are links to the first.

So a rebuild can be tried without changing anything.
"""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from db.database import Database
from db.integrity import differing_rows
from db.records import Job
from jobs.paths import AttemptPaths, WorkspacePaths, attempt_folders
from jobs.queue.rebuild import fill_database
from jobs.room.jobfile import says
from jobs.workspace import Workspace

MIRROR: Final = ".check-"  # how the folder's name begins; a pid follows


def rebuild_differs(
    workspace: Workspace,
    known: Iterable[Job],
    specs: Mapping[int, dict[str, Any]],
    left_out: Collection[str],
) -> dict[str, int]:
    """By table, in how many rows a rebuilt database would differ; see `differing_rows`."""
    with _mirror(workspace, known, specs, left_out) as mirror:
        fill_database(mirror)
        mirror.database.close()
        return differing_rows(mirror.database.path, workspace.database.path, left_out)


@contextmanager
def _mirror(
    workspace: Workspace,
    known: Iterable[Job],
    specs: Mapping[int, dict[str, Any]],
    left_out: Collection[str],
) -> Iterator[Workspace]:
    with TemporaryDirectory(dir=workspace.paths.root, prefix=f"{MIRROR}{os.getpid()}-") as folder:
        paths = WorkspacePaths(Path(folder))
        paths.journal.symlink_to(workspace.paths.journal)
        for job in known:
            _link(workspace.paths.job(job.folder), paths.job(job.folder), specs[job.id])
            if job.key in left_out:
                continue
            for attempt in attempt_folders(workspace.paths.job(job.folder)).values():
                if _has_ended(AttemptPaths(attempt)):
                    (paths.job(job.folder) / attempt.name).symlink_to(attempt)
        yield Workspace(paths, workspace.settings, Database(paths.database))


def _has_ended(paths: AttemptPaths) -> bool:
    """Of all others a rebuild would write how they ended, and they must stay as they are."""
    return paths.start.exists() and (paths.result.exists() or paths.verdict.exists())


def _link(folder: Path, mirrored: Path, spec: dict[str, Any]) -> None:
    """The mirror of a job's folder; `job.json` need not be written again if it is right."""
    mirrored.mkdir(parents=True)
    if says(folder / "job.json", spec):
        (mirrored / "job.json").symlink_to(folder / "job.json")
