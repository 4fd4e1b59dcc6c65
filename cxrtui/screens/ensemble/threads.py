"""What the Ensemble screen does in threads; each function posts what it finds, until cancelled."""

import time
from pathlib import Path
from typing import Final

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
from cxrtui.screens.reporting import FAILURES, Post, in_a_line
from jobs.workspace import Workspace

_OFTEN: Final = 0.1  # seconds between two reports of progress


class _SearchStoppedError(Exception):
    """The person does not want to know any more."""


def save_as(workspace: Workspace, recipe: str, name: str, pick: Pick, post: Post) -> None:
    """Save an ensemble."""
    try:
        save(workspace, recipe, name, pick)
    except FAILURES as error:
        post(WorkFailed(f"not saved: {in_a_line(error)}"))
    else:
        post(EnsembleSaved(name))


def write_file(
    workspace: Workspace, recipe: str, pick: Pick, file: Path, post: Post, *, replace: bool
) -> None:
    """Export the predictions of an ensemble."""
    try:
        made = export(workspace, recipe, pick, file, replace=replace)
    except FAILURES as error:
        post(WorkFailed(f"not exported: {in_a_line(error)}"))
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
    except FAILURES as error:
        post(SearchFailed(in_a_line(error)))
    else:
        if not worker.is_cancelled:
            post(SearchDone(found))
