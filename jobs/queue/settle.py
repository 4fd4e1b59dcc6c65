"""Records the end of an attempt, and what its job becomes of it, in one transaction."""

from sqlalchemy import Connection

from db.attempts import attempts_of, update_attempt
from db.jobs import requests_of, set_state
from db.records import Attempt
from jobs.failpoints import failpoint
from jobs.queue.endings import Ending
from jobs.queue.history import job_state
from jobs.queue.hooks import tell_end
from jobs.workspace import Workspace


def record_end(workspace: Workspace, attempt: Attempt, ending: Ending, *, tell: bool = True) -> str:
    """The state of the attempt's job from then on; the owner's commands are run if `tell`."""
    with workspace.database.write() as connection:
        update_attempt(connection, attempt.id, **vars(ending))
        state = _settle(connection, attempt.job_id)
        if tell:
            tell_end(workspace, connection, attempt.job_id)
    failpoint("supervisor.end-recorded")
    return state


def settle(workspace: Workspace, job_id: int) -> None:
    """Give a job the state that its history says it has."""
    with workspace.database.write() as connection:
        _settle(connection, job_id)
    failpoint("supervisor.settled")


def _settle(connection: Connection, job_id: int) -> str:
    history = attempts_of(connection, job_id)
    state, reason = job_state(history, requests_of(connection, job_id))
    set_state(connection, job_id, state, reason)
    return state
