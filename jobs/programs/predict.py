"""Predicts splits: `python -P jobs/start.py jobs.programs.predict ATTEMPT` (or a job.json)."""

import sys

from jobs.programs.attempt import open_attempt, open_splits, read_attempt_job
from jobs.programs.endings import Stop, leave, run_program
from jobs.programs.importing import without_collecting
from jobs.provenance import add_to_provenance
from jobs.spec import PredictJob


def predict(argv: list[str], stop: Stop) -> None:
    """Check the job and its data, then predict."""
    attempt = open_attempt(argv)
    job = read_attempt_job(attempt, PredictJob)
    splits = list(open_splits(job, attempt).values())
    stop.check()
    # Torch takes seconds to import: a job that is wrong has ended before.
    with without_collecting():
        from jobs.programs.hardware import hardware
        from jobs.programs.prediction import run_job

    add_to_provenance(attempt, hardware())
    run_job(job, attempt, splits, stop)


def main(argv: list[str]) -> int:
    """Run the program; its exit code, as `jobs.programs.endings` has it."""
    return run_program(predict, argv)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
