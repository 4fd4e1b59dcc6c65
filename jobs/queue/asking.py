"""What a verb does to the jobs that a person names, and for which of them it does nothing."""

import sys
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from db.lists import attempts_of_jobs, requests_of_jobs
from db.records import Attempt, Job, Request
from jobs.queue.history import asked_since
from jobs.queue.journal import apply_journal, record
from jobs.queue.progress import current_state
from jobs.queue.targets import target_jobs
from jobs.queue.verbs import GIVE_UP
from jobs.workspace import Workspace

PRIORITY: Final = "priority"  # the verb that carries a number
_LATEST: Final = sys.maxsize  # behind everything in the journal


@dataclass(frozen=True)
class Outcome:
    """What a verb comes to for one job."""

    job: Job
    state: str  # once it has been asked
    changed: bool
    why_not: str = ""  # of a job that it does not change


def ask(
    workspace: Workspace,
    verb: str,
    targets: Sequence[str],
    value: int | None = None,
    *,
    dry_run: bool = False,
) -> list[Outcome]:
    """Ask something of the targets' jobs; durable when this comes back. InputError.

    Only jobs that it changes are asked. With `dry_run` nothing is, and states are those of now.
    """
    if not dry_run:
        apply_journal(workspace)
    chosen = target_jobs(workspace, targets)
    alone = {job.id for job in chosen if _is_named_alone(job, targets)}
    return ask_jobs(workspace, verb, chosen, value, alone=alone, dry_run=dry_run)


def ask_jobs(
    workspace: Workspace,
    verb: str,
    chosen: Sequence[Job],
    value: int | None = None,
    *,
    alone: Collection[int],
    dry_run: bool = False,
) -> list[Outcome]:
    """Ask something of these jobs, as `ask` does.

    One that has succeeded runs again only if its id is in `alone`: days of work are not repeated
    by a slip.
    """
    ids = [job.id for job in chosen]
    with workspace.database.read() as connection:
        attempts = attempts_of_jobs(connection, ids)
        requests = requests_of_jobs(connection, ids)
    asked = Request(_LATEST, verb, value, time.time())
    outcomes = []
    for job in chosen:
        history = attempts.get(job.id, []), requests.get(job.id, [])
        why_not = _why_not(job, *history, asked, is_alone=job.id in alone)
        after = [*history[1], *([] if dry_run or why_not else [asked])]
        outcomes.append(Outcome(job, current_state(job, history[0], after), not why_not, why_not))
    keys = [one.job.key for one in outcomes if one.changed]
    if keys and not dry_run:
        record(workspace, {"kind": "request", "verb": verb, "keys": keys, "value": value})
    return outcomes


def ask_freeze(workspace: Workspace, *, frozen: bool) -> None:
    """Start nothing new, or start jobs again; durable when this comes back."""
    record(workspace, {"kind": "freeze", "frozen": frozen})


def _why_not(
    job: Job,
    attempts: Sequence[Attempt],
    requests: Sequence[Request],
    asked: Request,
    *,
    is_alone: bool,
) -> str:
    """Why it would change nothing to ask this of a job; empty where it changes something."""
    if asked.verb == PRIORITY:
        return f"its priority is {asked.value} already" if job.priority == asked.value else ""
    if asked.verb == GIVE_UP:
        unseen = bool(attempts) and attempts[-1].state == "unknown"
        return "" if unseen else "its attempts are not on a host that cannot be seen"
    after = [*requests, asked]
    now = current_state(job, attempts, requests)
    if now == "running":
        changed = asked_since(attempts[-1], after) != asked_since(attempts[-1], requests)
    else:
        changed = current_state(job, attempts, after) != now
    if not changed:
        return f"nothing to {asked.verb}"
    if now == "succeeded" and not is_alone:
        return f"name it {job.model}.{job.kind} to run it again"
    return ""


def _is_named_alone(job: Job, targets: Sequence[str]) -> bool:
    """Whether a target means this job and no other."""
    own = {str(job.id), f"{job.model}.{job.kind}"}
    return not own.isdisjoint(targets) or (job.kind == "pack" and job.model in targets)
