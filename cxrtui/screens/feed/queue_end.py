"""When the queue will be done, as `cxrtui status` has it."""

import time
from dataclasses import dataclass

from sqlalchemy import Connection


@dataclass(frozen=True)
class QueueEnd:
    """So many seconds were left at a moment; None: the speed is not known yet."""

    seconds: float | None
    at: float  # seconds since 1970

    def left(self, now: float, *, moves: bool) -> float | None:
        """Seconds that are left now; where nothing moves, they do not get less."""
        if self.seconds is None:
            return None
        return max(0.0, self.seconds - (now - self.at if moves else 0.0))


def read_queue_end(connection: Connection, slots: dict[str, int]) -> QueueEnd:
    """The end of all that is queued or runs, on so many slots of each resource."""
    # Imported late: they need pynvml.
    from db.jobs import is_anything_moving, jobs
    from jobs.queue.eta import eta_seconds, work_of
    from jobs.queue.progress import progress_of_jobs

    now = time.time()
    if not is_anything_moving(connection):
        return QueueEnd(None, now)
    progress = progress_of_jobs(connection, jobs(connection), now)
    return QueueEnd(eta_seconds(work_of(connection, progress), slots), now)
