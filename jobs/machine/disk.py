"""The file system of a workspace, the folder of the GPU locks, and the clock."""

import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from db.database import on_network_file_system
from jobs.gpus import LOCK_FOLDER
from jobs.locks import is_locked, try_lock
from jobs.machine.finding import GIB, Finding, gib

CLOCK_SECONDS: Final = 5.0  # by which clocks of two hosts may differ
LEAST_FILES: Final = 10_000  # that can still be made
_MOUNTS: Final = Path("/proc/mounts")


def look_at_disk(folder: Path, keep_free: float, mounts: Path = _MOUNTS) -> Iterator[Finding]:
    """The disk of `folder`, which is there; `keep_free` (bytes) is what a queue leaves of it."""
    yield _kind(folder, mounts)
    yield _room(folder, keep_free)
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".cxrtui-doctor-") as file:
            trial = Path(file.name)
            yield _locks(trial)
            yield _clock(trial.stat().st_mtime, time.time())
    except OSError as error:
        told = f"{folder} cannot be written to: {error.strerror}"
        yield Finding("writing", "fault", told, "mend its permissions, or make room")


def look_at_future(folder: Path) -> Iterator[Finding]:
    """Files directly in a workspace that were changed later than now."""
    now = time.time() + CLOCK_SECONDS
    later = sorted(file.name for file in folder.iterdir() if file.lstat().st_mtime > now)
    if later:
        told = f"{', '.join(later)} changed in the future: a clock was wrong, or is"
        yield Finding(
            "clock", "warning", told, "compare `date` here with the time; see timedatectl"
        )


def look_at_lock_folder() -> Iterator[Finding]:
    """Where the locks of GPUs lie: every user of the machine must look at the same place."""
    if LOCK_FOLDER.stat().st_mode & stat.S_IWOTH:
        yield Finding("GPU locks", "ok", f"{LOCK_FOLDER}, for all users")
    else:
        told, advice = f"{LOCK_FOLDER} is not for all users", f"chmod 1777 {LOCK_FOLDER}"
        yield Finding("GPU locks", "warning", told, f"{advice}, as the administrator")


def _kind(folder: Path, mounts: Path) -> Finding:
    if on_network_file_system(folder.resolve(), mounts):
        told = f"{folder} lies on a network file system: writing is slower, and locks must work"
        advice = "better is a disk of this machine; the data may lie anywhere"
        return Finding("file system", "warning", told, advice)
    return Finding("file system", "ok", f"{folder} lies on a disk of this machine")


def _room(folder: Path, keep_free: float) -> Finding:
    free = shutil.disk_usage(folder).free
    files = os.statvfs(folder)
    told = f"{gib(free)} free"
    if free < keep_free:
        told = f"{told}, less than the {gib(keep_free)} that stay free: no job starts"
        return Finding("room", "fault", told, "make room; `cxrtui workspace gc` shows what can go")
    if files.f_files and files.f_favail < LEAST_FILES:
        told = f"{told}, but only {files.f_favail} more files can be made"
        return Finding("room", "fault", told, "remove files that nobody needs")
    if free < keep_free + 10 * GIB:
        advice = "checkpoints and packs take more than one would think: `run-all --dry-run`"
        return Finding("room", "warning", told, advice)
    return Finding("room", "ok", told)


def _locks(trial: Path) -> Finding:
    """A lock that is taken must keep a second descriptor away, and then let it in."""
    held = try_lock(trial)
    if held is None:
        return _LOCKS_FAIL
    kept_away = is_locked(trial)
    os.close(held)
    if not kept_away or is_locked(trial):
        return _LOCKS_FAIL
    return Finding("file locks", "ok", "flock works on the workspace's file system")


def _clock(written: float, now: float) -> Finding:
    ahead = written - now
    if abs(ahead) <= CLOCK_SECONDS:
        return Finding("clock", "ok", "agrees with that of the disk")
    way = "ahead of" if ahead > 0 else "behind"
    told = f"the clock of the disk's host is {abs(ahead):.0f} s {way} that of this machine"
    return Finding("clock", "warning", told, "let both hosts set their clocks by NTP")


_LOCKS_FAIL: Final = Finding(
    "file locks",
    "fault",
    "flock does not work on the workspace's file system: two supervisors could run at once",
    "keep the workspace on a local disk, or mount the file system with locks",
)
