"""Follows jobs to their end: a live table on a terminal, lines in a pipe."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import typer
from rich.live import Live

from cxrtui.output import console
from cxrtui.show.progress import duration, progress_line, progress_table
from jobs.gpus import look_at_gpus
from jobs.queue.ensure import ensure_supervisor
from jobs.queue.eta import eta_seconds, work_of
from jobs.queue.journal import record
from jobs.queue.progress import MOVING, JobProgress, progress_of
from jobs.queue.slots import count_slots
from jobs.workspace import Workspace, open_workspace

POLL_SECONDS: Final = 0.5
LOOK_SHARE: Final = 9  # times as long as a look takes, before the next one
STOPPED_BY_PERSON: Final = 130
REPORT_SECONDS: Final = 30.0


def follow_to_end(root: Path, keys: Sequence[str], *, quiet: bool) -> list[JobProgress]:
    """Follow jobs until none moves; Ctrl+C stops them at a checkpoint and exits with 130."""
    follower = Follower(open_workspace(root), keys, quiet=quiet)
    try:
        return follower.follow()
    except KeyboardInterrupt:
        console.print("stopping at a checkpoint; the same command goes on from there")
        follower.pause()
        raise typer.Exit(STOPPED_BY_PERSON) from None


class Follower:
    """Watches the jobs with `keys`; shows what changes unless `quiet`."""

    def __init__(self, workspace: Workspace, keys: Sequence[str], *, quiet: bool = False) -> None:
        self._workspace = workspace
        self._keys = list(keys)
        self._quiet = quiet
        self._began = time.time()
        settings = workspace.settings
        self._slots = count_slots(look_at_gpus(settings.gpus).gpus, settings.cpu_slots)
        self._told: dict[str, str] = {}
        self._reported = self._began

    def follow(self) -> list[JobProgress]:
        """Return when none of the jobs moves any more. KeyboardInterrupt passes through."""
        with self._shown() as live:
            while True:
                ensure_supervisor(self._workspace.paths)
                began = time.monotonic()
                progress, eta = self._look()
                if live is not None:
                    live.update(progress_table(progress, time.time() - self._began, eta))
                else:
                    self._tell(progress, eta)
                if not any(one.state in MOVING for one in progress):
                    return progress
                # To look at thousands of jobs must not keep a core busy.
                time.sleep(max(POLL_SECONDS, LOOK_SHARE * (time.monotonic() - began)))

    def pause(self) -> None:
        """Stop the jobs at a checkpoint and wait until none runs."""
        progress, _ = self._look()
        moving = [one.job.key for one in progress if one.state in MOVING]
        if moving:
            entry = {"kind": "request", "verb": "pause", "keys": moving, "value": None}
            record(self._workspace, entry)
        while any(one.job.state == "running" for one in self._look()[0]):
            ensure_supervisor(self._workspace.paths)
            time.sleep(POLL_SECONDS)

    def _look(self) -> tuple[list[JobProgress], float | None]:
        with self._workspace.database.read() as connection:
            progress = progress_of(connection, self._keys, time.time())
            return progress, eta_seconds(work_of(connection, progress), self._slots)

    @contextmanager
    def _shown(self) -> Iterator[Live | None]:
        if self._quiet or not console.is_terminal:
            yield None
            return
        with Live(console=console, refresh_per_second=4) as live:
            yield live

    def _tell(self, progress: Sequence[JobProgress], eta: float | None) -> None:
        if self._quiet:
            return
        silent = ("queued",) if self._told else ("queued", "succeeded")
        for one in progress:
            news = self._told.get(one.job.key) != one.state
            if news and one.state not in silent:
                console.print(f"{self._clock()} {progress_line(one)}", soft_wrap=True)
            self._told[one.job.key] = one.state
        if time.time() - self._reported >= REPORT_SECONDS:
            self._reported = time.time()
            done = sum(one.state == "succeeded" for one in progress)
            left = "" if eta is None else f", about {duration(eta)} left"
            console.print(f"{self._clock()} {done} of {len(progress)} jobs done{left}")

    def _clock(self) -> str:
        seconds = round(time.time() - self._began)
        return f"{seconds // 60:3}:{seconds % 60:02}"
