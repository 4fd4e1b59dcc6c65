"""The rows of the Queue screen: what is shown of each job, read anew where it has changed."""

import signal
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from cxrtui.show.plain import plain_line
from db.lists import attempts_of_jobs, jobs_with_keys, requests_of_jobs
from db.queue_records import QueueRecord, queue_records
from db.records import Attempt, Request
from jobs.queue.history import asked_since
from jobs.queue.progress import current_state


@dataclass(frozen=True, slots=True)
class QueueRow:
    """One job; all its texts are harmless."""

    id: int
    model: str
    kind: str
    stage: str
    state: str  # with requests taken into account that the supervisor has not carried out yet
    why: str  # why it waits, or how it ended
    priority: int
    attempts: int
    step: int
    steps: int | None
    seconds: float  # in attempts that have ended
    since: float | None  # when the attempt began that runs now
    words: str  # what a filter looks through, in lower case

    @property
    def name(self) -> str:
        """What a person calls it: `model3 train`."""
        return f"{self.model} {self.kind}"

    @property
    def share(self) -> float | None:
        """Of the steps, done; None before any is."""
        if self.state == "succeeded":
            return 1.0
        return min(self.step / self.steps, 1.0) if self.steps and self.step else None

    def took(self, now: float) -> float:
        """Seconds in all attempts."""
        return self.seconds + (0.0 if self.since is None else max(0.0, now - self.since))


class RowReader:
    """Reads all jobs, and works out anew only those that are not what they were."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[QueueRecord, QueueRow]] = {}

    def read(self, connection: Connection) -> tuple[QueueRow, ...]:
        """Every job in the order in which they would start."""
        records = queue_records(connection)
        changed = [one for one in records if self._record(one.id) != one]
        wanted = _wanted_states(connection, [one.key for one in changed if one.asked is not None])
        made = {one.id: (one, _row(one, *wanted.get(one.id, (one.state, "")))) for one in changed}
        self._known = {one.id: made.get(one.id) or self._known[one.id] for one in records}
        return tuple(row for _, row in self._known.values())

    def _record(self, job_id: int) -> QueueRecord | None:
        known = self._known.get(job_id)
        return None if known is None else known[0]


def _wanted_states(connection: Connection, keys: Sequence[str]) -> dict[int, tuple[str, str]]:
    """(state, what a running job is to become) of jobs that somebody has asked something of."""
    jobs = jobs_with_keys(connection, keys)
    attempts = attempts_of_jobs(connection, [job.id for job in jobs])
    requests = requests_of_jobs(connection, [job.id for job in jobs])
    wanted = {}
    for job in jobs:
        tried, asked = attempts.get(job.id, []), requests.get(job.id, [])
        state = current_state(job, tried, asked)
        wanted[job.id] = (state, _asked(state, tried, asked))
    return wanted


def _asked(state: str, attempts: Sequence[Attempt], requests: Sequence[Request]) -> str:
    if state != "running" or not attempts:
        return ""
    wanted = asked_since(attempts[-1], requests)
    return "" if wanted == "running" else f"is to be {wanted}"


def _row(one: QueueRecord, state: str, asked: str) -> QueueRow:
    runs = one.started is not None and one.ended is None
    model, stage = plain_line(one.model), plain_line(one.stage)
    why = plain_line(" ".join((asked or _why(one, state)).split()))
    words = (one.id, model, one.kind, stage, state, why, plain_line(one.recipe))
    return QueueRow(
        id=one.id,
        model=model,
        kind=one.kind,
        stage=stage,
        state=state,
        why=why,
        priority=one.priority,
        attempts=one.attempts or 0,
        step=one.step or 0,
        steps=one.steps,
        seconds=one.seconds or 0.0,
        since=one.started if runs else None,
        words=" ".join(map(str, words)).lower(),
    )


def _why(one: QueueRecord, state: str) -> str:
    """What there is to say of a job beside its state."""
    if one.attempt == "unknown":
        return one.attempt_reason or "its host cannot be seen"
    if state == "running":
        return f"on {one.slot}" if one.slot else ""
    if state == one.state and one.reason:
        return one.reason
    if state == "succeeded" or not one.attempts:
        return ""
    return one.attempt_reason or _end(one)


def _end(one: QueueRecord) -> str:
    if one.signal is not None:
        known = {each.value: each.name for each in signal.Signals}
        return f"ended by {known.get(one.signal, one.signal)}"
    return "" if one.exit_code in (None, 0) else f"exit code {one.exit_code}"
