"""What the feed works out less often than it looks."""

import time
from dataclasses import dataclass


@dataclass
class Pace:
    """When something is due: what it rests on changed, and it was not done a moment ago."""

    seconds: float  # at least between two times
    share: float = 0.02  # of the time that it may take
    _changed: bool = True
    _due: float = 0.0
    _began: float = 0.0

    def change(self) -> None:
        """What it rests on is not what it was."""
        self._changed = True

    def begin(self) -> bool:
        """Whether it is to be done now; if so, call `end` when it is done."""
        self._began = time.monotonic()
        if not self._changed or self._began < self._due:
            return False
        self._changed = False
        return True

    def end(self) -> None:
        """It is done: the longer it took, the longer it rests."""
        now = time.monotonic()
        self._due = now + max(self.seconds, (now - self._began) / self.share)
