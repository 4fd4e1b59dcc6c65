"""Trains one model: `python -P jobs/start.py jobs.programs.train ATTEMPT` (or a job.json).

Batches come from the decoded uint8 pixels, so `workers` of the run settings has no use here.
"""

import sys

from jobs.programs.attempt import open_attempt, open_split, read_train_job
from jobs.programs.endings import Stop, leave, run_program


def train(argv: list[str], stop: Stop) -> None:
    """Check the job and its data, decode what is not decoded, then train."""
    attempt = open_attempt(argv)
    job = read_train_job(attempt)
    splits = {split: open_split(job, attempt, split, stop) for split in ("train", "val")}
    stop.check()
    # Torch takes seconds to import: a job that is wrong has ended before.
    from jobs.programs.loop import run_job

    run_job(job, attempt, splits["train"], splits["val"], stop)


def main(argv: list[str]) -> int:
    """Run the program; its exit code, as `jobs.programs.endings` has it."""
    return run_program(train, argv)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
