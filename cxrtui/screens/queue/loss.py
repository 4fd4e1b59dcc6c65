"""What a verb on jobs would lose; a person is asked before."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from cxrtui.screens.queue.rows import QueueRow
from cxrtui.show.progress import duration
from jobs.queue.verbs import GIVE_UP

_SHOWN: Final = 6  # names


class Loss(NamedTuple):
    """A question and what there is to know before it is answered."""

    question: str
    told: str


def loss_of(verb: str, rows: Sequence[QueueRow], now: float) -> Loss | None:
    """What is lost if this is asked of these jobs; None if nothing is."""
    if verb == "cancel" and (running := _in_state("running", rows)):
        return Loss(
            f"Cancel {_count(running)} while {'it runs' if len(running) == 1 else 'they run'}?",
            f"{_names(running)}: {_took(running, now)} so far. "
            "A checkpoint is kept, retry goes on from there.",
        )
    if verb == "retry" and (done := _in_state("succeeded", rows)):
        return Loss(
            f"Run {_count(done)} again that {'has' if len(done) == 1 else 'have'} succeeded?",
            f"{_names(done)}: {_took(done, now)} of work.",
        )
    if verb == GIVE_UP and rows:
        return Loss(
            f"Is the host of {_count(rows)} gone for good?",
            f"{_names(rows)}: if it comes back, what it was doing there is thrown away.",
        )
    return None


def _in_state(state: str, rows: Sequence[QueueRow]) -> list[QueueRow]:
    return [row for row in rows if row.state == state]


def _count(rows: Sequence[QueueRow]) -> str:
    return "1 job" if len(rows) == 1 else f"{len(rows):,} jobs"


def _names(rows: Sequence[QueueRow]) -> str:
    more = len(rows) - _SHOWN
    names = ", ".join(row.name for row in rows[:_SHOWN])
    return f"{names} and {more:,} more" if more > 0 else names


def _took(rows: Sequence[QueueRow], now: float) -> str:
    return duration(sum(row.took(now) for row in rows))
