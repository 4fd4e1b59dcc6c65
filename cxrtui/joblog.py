"""Prints the log of a job's attempt, its end, or all that it says from now on."""

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from cxrtui.output import errors, print_text
from cxrtui.show.plain import plain
from db.attempts import attempts_of
from db.jobs import job_by_id
from db.lists import attempts_of_jobs
from db.records import Attempt, Job
from jobs.errors import InputError
from jobs.paths import AttemptPaths
from jobs.queue.ensure import ensure_supervisor
from jobs.queue.progress import MOVING
from jobs.workspace import Workspace

POLL_SECONDS: Final = 0.3
BLOCK: Final = 1 << 16  # bytes read at a time
LONGEST: Final = 1 << 20  # bytes of a line that are waited for before they are printed


def print_log(
    workspace: Workspace,
    jobs: Sequence[Job],
    *,
    follow: bool = False,
    number: int | None = None,
    lines: int | None = None,
) -> None:
    """The newest attempt of these jobs, or attempt `number` of the job that has the newest.

    With `lines` only the last of it; with `follow` what it goes on to print, and later attempts of
    the job too, until the job does not move any more. InputError if there is no such attempt.
    """
    job = _wait_for_job(workspace, jobs) if follow else _newest(workspace, jobs)
    tried = _attempts(workspace, job) if job is not None else []
    if job is None or not tried:
        raise InputError(f"{jobs[0].name}: no attempt yet: it is {jobs[0].state} {jobs[0].reason}")
    known = [attempt.number for attempt in tried]
    if number is not None and number not in known:
        there = ", ".join(map(str, known))
        raise InputError(f"{job.name}: there is no attempt {number}: its attempts are {there}")
    tail = LogTail(_log(workspace, job, number or known[-1]), lines)
    if follow and number in (None, known[-1]):
        _follow(workspace, job, tail, known[-1])
    else:
        tail.print_new(whole_lines=False)


def _follow(workspace: Workspace, job: Job, tail: "LogTail", number: int) -> None:
    """Print what is new until the job does not move any more, from attempt to attempt."""
    while True:
        moves = _moves(workspace, job)  # looked at first: what is printed then is all of it
        tried = _attempts(workspace, job)
        over = not moves or tried[-1].number != number
        tail.print_new(whole_lines=not over)
        if not over:
            ensure_supervisor(workspace.paths)
            time.sleep(POLL_SECONDS)
            continue
        later = [attempt for attempt in tried if attempt.number > number]
        if not later:
            return
        ended = next(attempt for attempt in tried if attempt.number == number)
        number = later[0].number
        why = f": attempt {ended.number} {ended.state} {ended.reason}".rstrip()
        print_text(f"--- attempt {number}{why}")
        tail = LogTail(_log(workspace, job, number))


class LogTail:
    """A log that may grow while it is read, and may lose its middle: the runner cuts long ones."""

    def __init__(self, log: Path, lines: int | None = None) -> None:
        self._log = log
        self._offset = 0 if lines is None or not log.exists() else _start_of_last(log, lines)
        self._begun = b""  # a line without its end

    def print_new(self, *, whole_lines: bool) -> None:
        """Print what is new; with `whole_lines` a line whose end is not there yet waits."""
        if self._log.exists():
            with self._log.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._offset:
                    self._offset = file.seek(0, os.SEEK_END)
                file.seek(self._offset)
                while block := file.read(BLOCK):
                    self._offset += len(block)
                    self._take(block)
        if not whole_lines and self._begun:
            _print(self._begun + b"\n")
            self._begun = b""
        sys.stdout.flush()

    def _take(self, block: bytes) -> None:
        whole, newline, rest = (self._begun + block).rpartition(b"\n")
        if newline:
            _print(whole + newline)
        if len(rest) > LONGEST:
            _print(rest + b"\n")
            rest = b""
        self._begun = rest


def _print(text: bytes) -> None:
    """Lines as a terminal would show them, but what a carriage return overwrites stands above.

    Zeros are where the runner has given the middle of a long log back to the disk.
    """
    told = (
        text.replace(b"\0", b"").decode(errors="replace").replace("\r\n", "\n").replace("\r", "\n")
    )
    sys.stdout.write(plain(told))


def _start_of_last(log: Path, lines: int) -> int:
    """Where the last so many lines of a log begin, in bytes."""
    with log.open("rb") as file:
        position = end = file.seek(0, os.SEEK_END)
        while position > 0 and lines > 0:
            begin = max(0, position - BLOCK)
            file.seek(begin)
            block = file.read(position - begin)
            at = len(block) - (position == end)  # the newline that ends the last line begins none
            while (at := block.rfind(b"\n", 0, at)) >= 0:
                lines -= 1
                if lines == 0:
                    return begin + at + 1
            position = begin
        return position


def _wait_for_job(workspace: Workspace, jobs: Sequence[Job]) -> Job | None:
    """Of these jobs the one that was started last, once one was; None if none will be."""
    told = False
    while (found := _newest(workspace, jobs)) is None:
        if not any(_moves(workspace, job) for job in jobs):
            return None
        if not told:
            reason = f": {jobs[0].reason}" if jobs[0].reason else ""
            errors.print(plain(f"{jobs[0].name} has not begun{reason}"), soft_wrap=True)
            told = True
        ensure_supervisor(workspace.paths)
        time.sleep(POLL_SECONDS)
    return found


def _newest(workspace: Workspace, jobs: Sequence[Job]) -> Job | None:
    with workspace.database.read() as connection:
        tried = attempts_of_jobs(connection, [job.id for job in jobs])
    begun = [(tried[job.id][-1].started, job.id, job) for job in jobs if job.id in tried]
    return max(begun)[2] if begun else None


def _attempts(workspace: Workspace, job: Job) -> list[Attempt]:
    with workspace.database.read() as connection:
        return attempts_of(connection, job.id)


def _moves(workspace: Workspace, job: Job) -> bool:
    with workspace.database.read() as connection:
        found = job_by_id(connection, job.id)
    return found is not None and found.state in MOVING


def _log(workspace: Workspace, job: Job, number: int) -> Path:
    return AttemptPaths(workspace.paths.job(job.folder) / f"attempt-{number}").log
