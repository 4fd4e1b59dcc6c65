"""Keys go first: threads that work give way while what a key has changed is drawn.

Python runs one thread at a time: one that reads 10,000 jobs would double the time of a key.
"""

import time
from typing import Final

_EFFECT: Final = 0.06  # seconds after a key in which what it changed is drawn
_PATIENCE: Final = 0.3  # seconds that a thread waits for somebody who goes on typing


class KeysFirst:
    """When a key was pressed last."""

    pressed_at = float("-inf")  # on the monotonic clock

    def press(self) -> None:
        """A key was pressed."""
        self.pressed_at = time.monotonic()

    @property
    def wait(self) -> float:
        """Seconds until the effect of the last key should be there; less than 0: it is."""
        return self.pressed_at + _EFFECT - time.monotonic()


class Turns:
    """Of one thread: it waits for the effects of keys, but has half of the time for itself."""

    def __init__(self, keys: KeysFirst) -> None:
        self._keys = keys
        self._until = float("-inf")  # when its turn ends, on the monotonic clock

    def give_way(self) -> None:
        """Wait until nobody waits for a key, but not for long."""
        now = time.monotonic()
        if now < self._until:
            return
        patience = now + _PATIENCE
        while (seconds := min(self._keys.wait, patience - time.monotonic())) > 0:
            time.sleep(seconds)
        if self._keys.wait > 0:
            self._until = time.monotonic() + _PATIENCE
