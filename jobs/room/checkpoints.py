"""Which checkpoints of a job that has ended are spare, and why."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from jobs.checkpoints import finished_weights, is_whole, outdated, superfluous
from jobs.errors import DamagedError, InputError
from jobs.paths import AttemptPaths


@dataclass(frozen=True)
class SpareCheckpoints:
    """Reads checksums only where there is something to gain, and each but once."""

    is_whole: Callable[[Path], bool] = field(default_factory=lambda: cache(is_whole))

    def of(self, job_folder: Path, state: str, keep: int) -> list[tuple[Path, str]]:
        """Spare ones with the reason, of a train job in `state` that keeps `keep` when finished.

        What an attempt that a person ran by hand has left stays.
        """
        there = list(job_folder.glob("attempt-*/checkpoints/step-*"))
        if state == "succeeded" and len(there) > keep and _has_weights(job_folder):
            why = f"its model has succeeded, and keeps {keep or 'none'}"
            found = superfluous(job_folder, keep, self.is_whole)
        elif state != "succeeded" and len({path.parent for path in there}) > 1:
            why = "a later attempt has a newer one, which is whole"
            found = outdated(job_folder, self.is_whole)
        else:
            return []
        return [(one, why) for one in found if AttemptPaths(one.parent.parent).start.exists()]


def _has_weights(job_folder: Path) -> bool:
    try:
        finished_weights(job_folder)
    except (InputError, DamagedError):
        return False
    return True
