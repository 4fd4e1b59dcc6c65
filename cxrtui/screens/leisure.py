"""Garbage that refers to itself is looked for when nobody types.

Looking at all objects, 10,000 jobs among them, takes up to a fifth of a second: by default Python
does it whenever it likes, often between a key and its effect.
"""

import gc
from time import monotonic
from typing import Final

from cxrtui.screens.feed.pace import Pace

_YOUNG: Final = 10_000  # new objects that are looked at by themselves, which takes a millisecond
_MIDDLE: Final = 20
_NEVER: Final = 1_000_000_000
_QUIET_SECONDS: Final = 3.0
_PAUSE_SECONDS: Final = 60.0
_SHARE: Final = 0.002  # of the time

LOOK_SECONDS: Final = 1.0


def keep_for_leisure() -> None:
    """Let Python look by itself at new objects only."""
    gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)


class Leisure:
    """The pauses of a person who types."""

    def __init__(self) -> None:
        self._pace = Pace(_PAUSE_SECONDS, _SHARE)

    def look(self, typed_at: float) -> None:
        """Look at all objects if nobody has typed for a while, and not too often."""
        if monotonic() - typed_at < _QUIET_SECONDS:
            return
        self._pace.change()
        if self._pace.begin():
            gc.collect()
            self._pace.end()
