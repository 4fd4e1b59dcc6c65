"""A job's state is what its history says: one pure function, for the live queue and a rebuild."""

from collections.abc import Sequence
from typing import Final

from db.records import Attempt, Request
from jobs.queue.memory import ran_out
from jobs.queue.verbs import GIVE_UP, STARTS, STOPPABLE, STOPS

STRIKES: Final = 3  # interrupted attempts in a row without a newer checkpoint


def job_state(attempts: Sequence[Attempt], requests: Sequence[Request]) -> tuple[str, str]:
    """(state, reason) of a job after its attempts and what people asked, in their order.

    The order is that of the journal: an attempt records the journal's offset when it began.
    While an attempt lives the job is `running`, whatever was asked since: see `asked_to_stop`.
    """
    state, reason, strikes, best = "queued", "", 0, -1
    waiting = sorted(requests, key=lambda request: request.journal)
    for attempt in attempts:
        while waiting and waiting[0].journal < attempt.journal:
            state, reason, strikes = _ask(state, reason, strikes, waiting.pop(0))
        if attempt.ended is None:
            return "running", ""
        strikes = 0 if attempt.checkpoint > best else strikes
        best = max(best, attempt.checkpoint)
        state, reason, strikes = _end(attempt, strikes)
    for request in waiting:
        state, reason, strikes = _ask(state, reason, strikes, request)
    return state, reason


def asked_to_stop(attempt: Attempt, requests: Sequence[Request]) -> bool:
    """Whether what was asked since an attempt began leaves its job paused or cancelled."""
    return asked_since(attempt, requests) in ("cancelled", "paused")


def asked_since(attempt: Attempt, requests: Sequence[Request]) -> str:
    """The state that people want a running job in, by what they asked since its attempt began."""
    state = "running"
    for request in sorted(requests, key=lambda request: request.journal):
        if request.journal >= attempt.journal:
            state, _, _ = _ask(state, "", 0, request)
    return state


def given_up(attempt: Attempt, requests: Sequence[Request]) -> bool:
    """Whether a person said since that the host of an attempt is gone for good."""
    return any(one.verb == GIVE_UP and one.journal >= attempt.journal for one in requests)


def _ask(state: str, reason: str, strikes: int, request: Request) -> tuple[str, str, int]:
    if request.verb in STOPS and state in STOPPABLE:
        return STOPS[request.verb], "", strikes
    if request.verb in STARTS and state in STARTS[request.verb]:
        return "queued", "", 0
    return state, reason, strikes


def _end(attempt: Attempt, strikes: int) -> tuple[str, str, int]:
    match attempt.state:
        case "succeeded":
            return "succeeded", attempt.reason, 0
        case "failed" if ran_out(attempt):
            return "queued", "", 0
        case "failed":
            return "failed", attempt.reason, 0
        case "interrupted" if strikes + 1 >= STRIKES:
            reason = f"interrupted {STRIKES} times without progress: {attempt.reason}"
            return "failed", reason, 0
        case "interrupted":
            return "queued", "", strikes + 1
        case _:
            return "queued", "", strikes
