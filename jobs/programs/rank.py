"""One rank of several that train a model: started by rank 0, for which it has no words.

`python -P jobs/start.py jobs.programs.rank ATTEMPT NUMBER COUNT DESCRIPTOR PARENT`
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

from jobs.checkpoints import newest_whole_checkpoint
from jobs.events import EventWriter
from jobs.programs.attempt import open_splits, read_attempt_job
from jobs.programs.endings import LossNotFiniteError, Stop, die_with, leave, run_program
from jobs.programs.importing import without_collecting
from jobs.programs.rank_processes import await_end, meeting_file
from jobs.spec import TrainJob


def rank(argv: list[str], stop: Stop) -> None:
    """Take part in the training of an attempt until rank 0 ends this process.

    A signal to stop is noted and not obeyed: rank 0 alone stops, and saves what is done.
    """
    attempt, (number, count, descriptor, parent) = Path(argv[0]), map(int, argv[1:])
    die_with(parent)
    with suppress(LossNotFiniteError):  # rank 0 has seen the same, and says so
        follow(attempt, number, count, meeting_file(descriptor))
    # No end of its own: rank 0 may still be reading what this rank gave to the last sum.
    await_end()


def follow(attempt: Path, number: int, count: int, meeting: Path) -> None:
    """Train as rank `number` of `count`, which meet at the file `meeting`."""
    job = read_attempt_job(attempt, TrainJob)
    splits = open_splits(job, attempt)
    with without_collecting():
        from jobs.programs.batches import BatchPlan
        from jobs.programs.loop import Training, new_state
        from jobs.programs.network import choose_device
        from jobs.programs.ranks import join_ranks

    precision = choose_device(job.run, number, count)
    source = newest_whole_checkpoint(attempt.parent)
    state = new_state(job, attempt.parent, precision, source)
    ranks = join_ranks(number, count, precision.device, meeting)
    plan = BatchPlan(job.settings, splits["train"].table.targets)
    Training(
        job,
        attempt,
        plan,
        splits["train"],
        splits["val"],
        state,
        precision,
        EventWriter(Path(os.devnull)),
        Stop(),
        ranks,
    ).run()


def main(argv: list[str]) -> int:
    """Run the program; its exit code, as `jobs.programs.endings` has it."""
    return run_program(rank, argv)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
