"""What the Ensemble screen does in threads; each function posts what it finds, until cancelled."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sqlalchemy.exc import SQLAlchemyError
from textual.message import Message
from textual.worker import get_current_worker

from cxrtui.screens.ensemble.found import search
from cxrtui.screens.ensemble.messages import (
    FileWritten,
    SearchAdvanced,
    SearchDone,
    SearchFailed,
)
from cxrtui.screens.ensemble.saving import export, save
from cxrtui.screens.ensemble.work import Pick
from cxrtui.screens.messages import EnsembleSaved, WorkFailed
from db.errors import DatabaseError
from jobs.errors import JobsError
from jobs.workspace import Workspace

Post = Callable[[Message], object]
_FAILURES: Final = (JobsError, DatabaseError, SQLAlchemyError, OSError)
_OFTEN: Final = 0.1  # seconds between two reports of progress


class _SearchStoppedError(Exception):
    """The person does not want to know any more."""


def save_as(workspace: Workspace, recipe: str, name: str, pick: Pick, post: Post) -> None:
    """Save an ensemble."""
    try:
        save(workspace, recipe, name, pick)
    except _FAILURES as error:
        post(WorkFailed(f"not saved: {_line(error)}"))
    else:
        post(EnsembleSaved(name))


def write_file(
    workspace: Workspace, recipe: str, pick: Pick, file: Path, post: Post, *, replace: bool
) -> None:
    """Export the predictions of an ensemble."""
    try:
        made = export(workspace, recipe, pick, file, replace=replace)
    except _FAILURES as error:
        post(WorkFailed(f"not exported: {_line(error)}"))
    else:
        post(FileWritten(f"{made.file}: {made.rows:,} images of {made.split}"))


def search_members(
    workspace: Workspace, recipe: str, pattern: Pick, members: int, post: Post
) -> None:
    """Search for the members that score best together."""
    worker = get_current_worker()
    told = 0.0

    def progress(done: int, of: int) -> None:
        nonlocal told
        if worker.is_cancelled:
            raise _SearchStoppedError
        if time.monotonic() - told > _OFTEN:
            told = time.monotonic()
            post(SearchAdvanced(done, of))

    try:
        found = search(workspace, recipe, pattern, members, progress)
    except _SearchStoppedError:
        return
    except _FAILURES as error:
        post(SearchFailed(_line(error)))
    else:
        if not worker.is_cancelled:
            post(SearchDone(found))


def _line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
