"""Trains one model: `python -P jobs/start.py jobs.programs.train ATTEMPT` (or a job.json)."""

import sys

from jobs.programs.attempt import open_attempt, open_splits, read_attempt_job
from jobs.programs.endings import Stop, leave, run_program
from jobs.programs.importing import without_collecting
from jobs.provenance import add_to_provenance
from jobs.spec import TrainJob


def train(argv: list[str], stop: Stop) -> None:
    """Check the job and its data, then train."""
    attempt = open_attempt(argv)
    job = read_attempt_job(attempt, TrainJob)
    splits = open_splits(job, attempt)
    stop.check()
    # Torch takes seconds to import: a job that is wrong has ended before.
    with without_collecting():
        from jobs.programs.hardware import hardware
        from jobs.programs.loop import run_job

    add_to_provenance(attempt, hardware())
    run_job(job, attempt, splits["train"], splits["val"], stop)


def main(argv: list[str]) -> int:
    """Run the program; its exit code, as `jobs.programs.endings` has it."""
    return run_program(train, argv)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
