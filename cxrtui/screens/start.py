"""Runs the dashboard, and lets nobody wait when it ends."""

import asyncio
import os
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from cxrtui.show.plain import plain
from jobs.errors import InputError
from jobs.paths import WorkspacePaths

_THREADS: Final = 16  # the feed, the queue's watch, and what the screens work out
_POOL: Final = "dashboard"
_FRAMES: Final = "240"  # a second, at most: a key waits 4 ms for its frame, not 17
_TURN: Final = 0.0005  # seconds that a thread keeps the interpreter from the keys; else ten times
_PATIENCE: Final = 2.0  # seconds for threads to end once the terminal is the person's again


def run_dashboard(root: Path, *, watch_only: bool, mouse: bool = True) -> int:
    """Show the dashboard of a workspace until the person leaves; answers the exit code.

    InputError, before anything is painted, where there is no workspace or no terminal.
    """
    if not WorkspacePaths(root).settings.is_file():
        from jobs.workspace import open_workspace

        open_workspace(root)  # says what is missing
    if not (sys.stdin.isatty() and sys.stderr.isatty()):  # what Textual reads and writes
        raise InputError(
            "the dashboard needs a terminal: `cxrtui status` and `cxrtui queue list` need none"
        )
    os.environ.setdefault("TEXTUAL_FPS", _FRAMES)  # which Textual reads when it is imported
    from cxrtui.screens.leisure import keep_for_leisure
    from cxrtui.screens.starting import StartingDashboard

    sys.setswitchinterval(_TURN)
    keep_for_leisure()
    app = StartingDashboard(root, watch_only=watch_only)
    pool = ThreadPoolExecutor(_THREADS, thread_name_prefix=_POOL)
    loop = asyncio.new_event_loop()
    loop.set_default_executor(pool)
    app.run(mouse=mouse, loop=loop)
    pool.shutdown(wait=False, cancel_futures=True)
    if app.last_words:
        from cxrtui.output import errors

        errors.print(f"cxrtui: {plain(app.last_words)}", soft_wrap=True)
    code = app.return_code or 0
    if not _have_ended():
        # What they work out is for a screen that is gone; nothing of it is lost.
        sys.stderr.flush()
        os._exit(code)
    return code


def _have_ended() -> bool:
    """Whether all threads of the pool have ended, perhaps after a moment."""
    deadline = time.monotonic() + _PATIENCE
    threads = [one for one in threading.enumerate() if one.name.startswith(_POOL)]
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    return not any(thread.is_alive() for thread in threads)
