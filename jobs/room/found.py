"""What takes room in a workspace and may go, and why nobody can miss it."""

import json
import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from db.imports import all_imports
from db.jobs import job_specs, jobs
from db.recipes import all_targets
from db.records import Job
from jobs.locks import is_locked
from jobs.paths import AttemptPaths, WorkspacePaths, attempt_folders
from jobs.processes import start_ticks
from jobs.room.checkpoints import SpareCheckpoints
from jobs.room.folders import bytes_of
from jobs.room.jobfile import read_spec
from jobs.room.needed import ended_jobs, superseded

GONE: Final = ".gone-"  # how the name begins of what is being removed
QUIET_SECONDS: Final = 3600.0  # what is younger may be in the making, also on another host
_TEMPORARY: Final = re.compile(r"\..+\.(\d+)\.tmp")
_MIRROR: Final = re.compile(r"\.check-(\d+)-")  # see jobs/room/mirror.py
_OLD_DATABASE: Final = re.compile(r"\.\d{8}-\d{6}")


@dataclass(frozen=True)
class Item:
    """A file or folder that may go."""

    what: str
    path: Path
    why: str
    bytes: int
    key: str = ""  # of the job that is to be forgotten with it


@dataclass
class Room:
    """Finds what may go. What was read of checkpoints is remembered, so that to look again costs
    little."""

    paths: WorkspacePaths
    with_superseded: bool = False
    with_packs: bool = False
    checkpoints: SpareCheckpoints = field(default_factory=SpareCheckpoints)

    def find(self, connection: Connection) -> list[Item]:
        """All that may go by what the database says now; nothing twice, nothing within another."""
        look = _Look(self, connection)
        items = {item.path: item for item in look.all()}
        return [
            item for item in items.values() if not any(path in items for path in item.path.parents)
        ]


class _Look:
    """One look at the workspace."""

    def __init__(self, room: Room, connection: Connection) -> None:
        self.room = room
        self.paths = room.paths
        self.connection = connection
        self.known = jobs(connection)
        self.ended = ended_jobs(connection, self.known)
        self.specs = job_specs(connection)
        self.folders = {self.paths.job(job.folder): job for job in self.known}

    def all(self) -> Iterator[Item]:
        if self.room.with_superseded:
            yield from self.superseded()
        if self.room.with_packs:
            yield from self.packs()
        yield from self.orphans()
        for folder, job in self.folders.items():
            yield from self.of_job(folder, job)
        yield from self.unreferenced()
        yield from self.imports()
        yield from self.old_databases()
        yield from self.remains()

    def superseded(self) -> Iterator[Item]:
        why = "no model of a recipe asks for it any more; asked for again it is made anew"
        for job in superseded(self.connection, self.known, self.ended):
            folder = self.paths.job(job.folder)
            if not _is_running(folder):
                yield Item(f"superseded {job.kind} jobs", folder, why, bytes_of(folder), job.key)

    def packs(self) -> Iterator[Item]:
        why = "no unfinished job needs it; `cxrtui data pack` makes it again"
        needed = {
            self.paths.beside(job.folder, path)
            for job in self.known
            if job.state != "succeeded" or job.id not in self.ended
            for path in (self.specs[job.id].get("pack"), self.specs[job.id].get("master"))
            if path
        }
        for folder in sorted(self.paths.cache.glob("pixels/*px-*")):
            if folder not in needed and not is_locked(folder / "lock"):
                yield Item("packs", folder, why, bytes_of(folder))

    def orphans(self) -> Iterator[Item]:
        """Folders of jobs that were forgotten, and such as never became a job's."""
        for folder in self.paths.root.glob("runs/*/*/*"):
            if folder in self.folders or not folder.is_dir() or _is_running(folder):
                continue
            if _key_of(folder) in self.forgotten:
                why = "their jobs were forgotten before, and they were left behind"
                yield Item("folders of forgotten jobs", folder, why, bytes_of(folder))
            elif _is_quiet(folder) and all(map(_is_temporary, folder.iterdir())):
                yield Item("half-made folders", folder, "never became a job's", bytes_of(folder))

    def of_job(self, folder: Path, job: Job) -> Iterator[Item]:
        """Within the folder of a job, if it has ended."""
        if job.id not in self.ended:
            return
        spare = []
        if job.kind == "train":
            keep = int(self.specs[job.id]["run"].get("keep_checkpoints", 1))
            spare = self.room.checkpoints.of(folder, job.state, keep)
        empty = [
            attempt
            for attempt in attempt_folders(folder).values()
            if not AttemptPaths(attempt).start.exists()
            and not AttemptPaths(attempt).events.exists()
            and _is_quiet(attempt)
        ]
        if (spare or empty) and not _is_running(folder):
            for path, why in spare:
                yield Item("checkpoints", path, why, bytes_of(path))
            for path in empty:
                yield Item("half-made folders", path, "nothing was begun in it", bytes_of(path))

    def unreferenced(self) -> Iterator[Item]:
        """Targets and lists of images that no job and no recipe refers to."""
        used = {self.paths.root / target.path for target in all_targets(self.connection)}
        for job in self.known:
            spec = self.specs[job.id]
            kept = [*spec.get("targets", {}).values(), *filter(None, [spec.get("images")])]
            used |= {self.paths.beside(job.folder, file["path"]) for file in kept}
        why = "no job and no recipe refers to it"
        for what, pattern in (("targets", "targets/*.parquet"), ("image lists", "images/*.txt")):
            for path in self.paths.cache.glob(pattern):
                if path not in used and _is_quiet(path):
                    yield Item(what, path, why, bytes_of(path))

    def imports(self) -> Iterator[Item]:
        """Imported predictions in whose place others were imported, or that were never recorded."""
        used = {self.paths.root / one.path for one in all_imports(self.connection)}
        why = "no import refers to it any more"
        for folder in self.paths.imports.glob("[!.]*"):
            files = [path for path in folder.glob("*.parquet") if path not in used]
            kept = any(folder in path.parents for path in used)
            for path in files if kept else [folder]:
                if _is_quiet(path):
                    yield Item("imported predictions", path, why, bytes_of(path))

    def old_databases(self) -> Iterator[Item]:
        name = self.paths.database.name
        kept = sorted(
            path
            for path in self.paths.root.glob(f"{name}.*")
            if _OLD_DATABASE.fullmatch(path.name.removeprefix(name))
        )
        for database in kept[:-1]:
            for suffix in ("", "-wal", "-shm"):
                path = Path(f"{database}{suffix}")
                if path.exists():
                    why = "a rebuild has kept a newer one"
                    yield Item("old databases", path, why, bytes_of(path))

    def remains(self) -> Iterator[Item]:
        """What a process that died has left: temporary files, and what was being removed."""
        places = [self.paths.root / "runs", self.paths.cache, self.paths.imports]
        found = [*self.paths.root.iterdir()]
        for place in places:
            for at, folders, files in os.walk(place):
                found += [Path(at, name) for name in files if name.startswith(".")]
                found += [Path(at, name) for name in folders if name.startswith(".")]
        rebuilt = self.paths.database.stem + ".rebuilt"
        for path in found:
            if path.name.startswith(GONE):
                why = "its removal was cut short"
            elif _is_mirror(path) and _is_quiet(path):
                why = "the check that made it has died"
            elif (_is_temporary(path) and not self.belongs_to_open(path)) or (
                path.name.startswith(rebuilt) and _is_quiet(path)
            ):
                why = "the process that wrote it has died"
            else:
                continue
            yield Item("temporary files", path, why, bytes_of(path))

    def belongs_to_open(self, path: Path) -> bool:
        """Whether a path lies in the folder of a job that has not ended."""
        found = (self.folders[folder] for folder in path.parents if folder in self.folders)
        return any(job.id not in self.ended for job in found)

    @cached_property
    def forgotten(self) -> frozenset[str]:
        return forgotten_keys(self.paths.journal)


def forgotten_keys(journal: Path) -> frozenset[str]:
    """Keys that the journal says to forget."""
    if not journal.exists():
        return frozenset()
    keys: set[str] = set()
    with journal.open("rb") as file:
        for line in file:
            if b'"forget"' in line and line.endswith(b"\n"):
                entry = json.loads(line)
                keys.update(entry["keys"] if entry["kind"] == "forget" else ())
    return frozenset(keys)


def total_bytes(items: Sequence[Item]) -> int:
    """Bytes on the disk of all of them."""
    return sum(item.bytes for item in items)


def by_reason(items: Sequence[Item]) -> Mapping[tuple[str, str], list[Item]]:
    """Items of one sort that may go for one reason."""
    found: dict[tuple[str, str], list[Item]] = {}
    for item in items:
        found.setdefault((item.what, item.why), []).append(item)
    return found


def _key_of(folder: Path) -> str | None:
    spec = read_spec(folder / "job.json")
    return None if spec is None else str(spec.get("key"))


def _is_running(job_folder: Path) -> bool:
    return any(is_locked(AttemptPaths(one).lock) for one in attempt_folders(job_folder).values())


def _is_mirror(path: Path) -> bool:
    match = _MIRROR.match(path.name)
    return match is not None and start_ticks(int(match[1])) is None


def _is_temporary(path: Path) -> bool:
    """Whether a file was being written by a process of this host that is no more."""
    match = _TEMPORARY.fullmatch(path.name)
    return match is not None and start_ticks(int(match[1])) is None and _is_quiet(path)


def _is_quiet(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime > QUIET_SECONDS
    except FileNotFoundError:  # whoever wrote it has just renamed it
        return False
