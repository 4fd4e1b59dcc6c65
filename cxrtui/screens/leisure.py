"""Garbage that refers to itself is looked for when nobody types.

With 10,000 jobs in memory it takes up to a fifth of a second to look at all objects, and to look at
new ones up to 60 ms: by default Python does it whenever it likes, often between a key and its
effect.
"""

import gc
from time import monotonic
from typing import Final

from cxrtui.screens.feed.pace import Pace

_QUIET_SECONDS: Final = 3.0  # without a key
_PAUSE_SECONDS: Final = 60.0
_PATIENCE_SECONDS: Final = 600.0  # after which it is done although somebody types
_SHARE: Final = 0.002  # of the time

LOOK_SECONDS: Final = 1.0


def keep_for_leisure() -> None:
    """Let Python not look by itself."""
    gc.disable()


class Leisure:
    """The pauses of a person who types."""

    def __init__(self) -> None:
        self._pace = Pace(_PAUSE_SECONDS, _SHARE)
        self._looked = monotonic()

    def look(self, typed_at: float) -> None:
        """Look at all objects if nobody has typed for a while, and not too often."""
        now = monotonic()
        if now - typed_at < _QUIET_SECONDS and now - self._looked < _PATIENCE_SECONDS:
            return
        self._pace.change()
        if self._pace.begin():
            gc.collect()
            self._pace.end()
            self._looked = monotonic()
