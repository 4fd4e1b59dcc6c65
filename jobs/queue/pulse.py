"""How regularly an attempt tells something, and whether it has fallen silent."""

from collections import deque
from statistics import median
from typing import Final

REMEMBERED: Final = 101
TIMES_USUAL: Final = 20.0
TIMES_LONGEST: Final = 3.0  # an epoch's validation, a large checkpoint: silent, and not hung


class Pulse:
    """Signs of life on a clock that never jumps, in seconds."""

    def __init__(self, now: float) -> None:
        self.last = now
        self.intervals: deque[float] = deque(maxlen=REMEMBERED)
        self.longest = 0.0
        self.begun = False

    def beat(self, now: float) -> None:
        """It has told something."""
        if self.begun:  # to begin takes its time, and says nothing of what is usual
            self.intervals.append(now - self.last)
            self.longest = max(self.longest, now - self.last)
        self.last, self.begun = now, True

    @property
    def usual(self) -> float:
        """The median interval between signs of life; 0 before there are any."""
        return median(self.intervals) if self.intervals else 0.0

    def silence(self, now: float, least: float) -> float | None:
        """Seconds of silence, if they are at least `least` and far more than ever before."""
        passed = now - self.last
        enough = max(least, TIMES_USUAL * self.usual, TIMES_LONGEST * self.longest)
        return passed if passed > enough else None
