"""When the queue will be done, as `cxrtui status` has it."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

_PORTION: Final = 500  # jobs, which take some 20 ms


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


def read_queue_end(
    connection: Connection, slots: dict[str, int], pause: Callable[[], None] = lambda: None
) -> QueueEnd:
    """The end of all that is queued or runs, on so many slots of each resource.

    With many jobs that takes long: it pauses now and then.
    """
    # Imported late: they need pynvml.
    from db.jobs import is_anything_moving, jobs
    from jobs.queue.eta import Work, eta_seconds, work_of
    from jobs.queue.progress import progress_of_jobs

    now = time.time()
    if not is_anything_moving(connection):
        return QueueEnd(None, now)
    every, work = jobs(connection), list[Work]()
    for first in range(0, len(every), _PORTION):
        pause()
        progress = progress_of_jobs(connection, every[first : first + _PORTION], now)
        work += work_of(connection, progress)
    pause()
    return QueueEnd(eta_seconds(work, slots), now)
