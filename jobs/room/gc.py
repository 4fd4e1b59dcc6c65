"""Removes what may go, so that a crash at any moment leaves everything whole or gone."""

import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from db.journal_state import applied_offset
from jobs.durable import fsync_folder
from jobs.errors import InputError, JobsError
from jobs.failpoints import failpoint
from jobs.locks import try_lock
from jobs.queue.journal import apply_journal, record
from jobs.room.folders import remove_if_empty
from jobs.room.found import GONE, Item, Room
from jobs.workspace import Workspace

Progress = Callable[[int, int], None]


def remove(
    workspace: Workspace, room: Room, found: Sequence[Item], progress: Progress | None = None
) -> list[Item]:
    """Remove those of the items that `room` has found which may go now, too; these.

    Superseded jobs are forgotten in the journal first. Then, while nobody can write to the
    database and so no job can start, all is decided again and renamed; only then it is deleted.
    InputError if another one removes at this moment.
    """
    with _alone(workspace):
        _forget(workspace, [item.key for item in found if item.key])
        # What has been forgotten is an orphan now; what has not been, because somebody asked for
        # it meanwhile, is not found any more.
        gone = _put_aside(workspace, replace(room, with_superseded=False), found)
        failpoint("room.put-aside")
        for number, (item, aside) in enumerate(gone):
            _delete(aside, item.path)
            if progress is not None:
                progress(number + 1, len(gone))
    return [item for item, _ in gone]


def _forget(workspace: Workspace, keys: Sequence[str]) -> None:
    if not keys:
        return
    apply_journal(workspace)
    with workspace.database.read() as connection:
        seen = applied_offset(connection)
        still = {item.key for item in Room(workspace.paths, True).find(connection)}
    keys = [key for key in keys if key in still]
    if keys:
        record(workspace, {"kind": "forget", "keys": keys, "seen": seen})
        failpoint("room.forgotten")


def _put_aside(workspace: Workspace, room: Room, found: Sequence[Item]) -> list[tuple[Item, Path]]:
    apply_journal(workspace)
    root = workspace.paths.root
    gone: list[tuple[Item, Path]] = []
    with workspace.database.write() as connection:
        still = {item.path for item in room.find(connection)}
        for item in found:
            if item.path in still:
                aside = _place(root, item.path) / f"{GONE}{os.getpid()}-{len(gone)}"
                item.path.rename(aside)
                if root / "runs" in item.path.parents:
                    remove_if_empty(item.path.parent, root / "runs")
                gone.append((item, aside))
    for folder in {aside.parent for _, aside in gone}:
        fsync_folder(folder)
    return gone


def _place(root: Path, path: Path) -> Path:
    """The highest folder of the workspace that is on the same disk: `runs` may be a link."""
    above = (one for one in reversed(path.parents) if one == root or root in one.parents)
    return next(one for one in above if one.stat().st_dev == path.lstat().st_dev)


def _delete(aside: Path, was: Path) -> None:
    try:
        if aside.is_dir() and not aside.is_symlink():
            shutil.rmtree(aside)
        else:
            aside.unlink()
    except OSError as error:
        raise JobsError(
            f"{error.filename}: {error.strerror}: {was} is out of the way, but takes room still: "
            "the next `cxrtui workspace gc --yes` tries again"
        ) from error


@contextmanager
def _alone(workspace: Workspace) -> Iterator[None]:
    lock = try_lock(workspace.paths.root / "gc.lock", patience=0.5)
    if lock is None:
        raise InputError(f"{workspace.paths.root}: another `workspace gc` is at work here")
    try:
        yield
    finally:
        os.close(lock)
