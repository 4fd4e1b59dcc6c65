"""What becomes of a job whose GPU was too small: half as many images at once.

The batch stays what the recipe says, and a train job goes on from its checkpoint.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from db.records import Attempt
from jobs.exit_codes import OUT_OF_MEMORY

SMALLEST: Final = 16  # the statistics of batch norm are those of the micro-batch


def smaller(micro_batch: int | None) -> int | None:
    """Half of it; None where that would be too few images, or none were asked for."""
    half = (micro_batch or 0) // 2
    return half if half >= SMALLEST else None


def ran_out(attempt: Attempt) -> bool:
    """Whether an attempt ended for want of memory, and fewer images at once can be tried."""
    return attempt.exit_code == OUT_OF_MEMORY and smaller(attempt.micro_batch) is not None


def next_micro_batch(spec: Mapping[str, Any], attempts: Sequence[Attempt]) -> int | None:
    """Images at once in the next attempt of a job with this `job.json`; None for a pack."""
    if "settings" not in spec:
        return None
    known = [one for one in attempts if one.micro_batch is not None]
    if not known:
        return int(spec["run"]["micro_batch"] or spec["settings"]["batch_size"])
    last = known[-1]
    return smaller(last.micro_batch) if ran_out(last) else last.micro_batch
