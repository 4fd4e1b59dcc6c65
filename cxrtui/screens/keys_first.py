"""Keys go first: threads that work give way while what a key has changed is drawn.

Python runs one thread at a time: one that reads 10,000 jobs would double the time of a key.
"""

import asyncio
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
    """Of one worker: it waits for the effects of keys, but has half of the time for itself."""

    def __init__(self, keys: KeysFirst) -> None:
        self._keys = keys
        self._began: float | None = None  # to wait, on the monotonic clock
        self._until = float("-inf")  # when its turn ends

    def give_way(self) -> None:
        """Wait until nobody waits for a key, but not for long."""
        while (seconds := self._pause()) > 0:
            time.sleep(seconds)

    async def give_way_in_loop(self) -> None:
        """The same in the thread of the keys; in any case they get their turn."""
        await asyncio.sleep(0)
        while (seconds := self._pause()) > 0:
            await asyncio.sleep(seconds)

    def _pause(self) -> float:
        """Seconds to wait before one looks again; 0: go on."""
        now, wait = time.monotonic(), self._keys.wait
        if now < self._until or wait <= 0:
            self._began = None
            return 0.0
        self._began = now if self._began is None else self._began
        left = self._began + _PATIENCE - now
        if left <= 0:
            self._began, self._until = None, now + _PATIENCE
            return 0.0
        return min(wait, left)
