"""A terminal that keeps what a program shows, frame by frame, and when each frame was there."""

import queue
import re
import time
from collections.abc import Callable, Sequence
from typing import Final

from seen_screen import SeenScreen
from terminal import COLUMNS, ROWS, Terminal

_ASKED: Final = b"\x1b[?2026$p"  # can this terminal show a frame at once?
_YES: Final = "\x1b[?2026;2$y"
_END: Final = b"\x1b[?2026l"
_PATIENCE: Final = 10.0
_MOMENT: Final = 0.12  # seconds

Sight = Callable[[SeenScreen], object]


class WatchedTerminal(Terminal):
    """A frame is what a program writes in one synchronized update (mode 2026)."""

    def __init__(self, line: Sequence[str]) -> None:
        super().__init__(line)
        self.screen = SeenScreen(ROWS, COLUMNS)
        self.frames = 0
        self._frames: queue.Queue[tuple[float, bytes]] = queue.Queue()
        self._unfinished = b""

    def take(self, output: bytes) -> None:
        """Cut the output into frames; the time of a frame is that of its last byte."""
        super().take(output)
        now = time.perf_counter()
        if _ASKED in output:
            self.type(_YES)
        *frames, self._unfinished = (self._unfinished + output).split(_END)
        for frame in frames:
            self._frames.put((now, frame))

    def press(self, keys: str, sees: Sight, patience: float = _PATIENCE) -> float | None:
        """Seconds from a key to the frame on which all of its effect is there; None: it never was.

        The effect is a change of what `sees` finds. Where that comes in several frames it is the
        last one of those that follow within a moment.
        """
        self.look()
        before, start = sees(self.screen), time.perf_counter()
        self.type(keys)
        found = self._change(sees, before, patience)
        last = None
        while found is not None:
            last = found
            found = self._change(sees, sees(self.screen), _MOMENT)
        return None if last is None else last - start

    def wait(self, true: Callable[[SeenScreen], bool], patience: float = _PATIENCE) -> None:
        """Wait until something is on the screen; TimeoutError if it does not come."""
        self.look()
        if not true(self.screen) and self._change(true, False, patience) is None:
            text = "\n".join(line.rstrip() for line in self.screen.lines).strip()
            rest = self._unfinished.decode("utf-8", "replace")
            raise TimeoutError(f"not there within {patience:.0f} s; there is\n{text}\n{rest}")

    def _change(self, sees: Sight, before: object, patience: float) -> float | None:
        deadline = time.perf_counter() + patience
        while (left := deadline - time.perf_counter()) > 0:
            try:
                moment, frame = self._frames.get(timeout=left)
            except queue.Empty:
                break
            self._show(frame)
            if sees(self.screen) != before:
                return moment
        return None

    def look(self) -> None:
        """Take over all frames that are there."""
        while not self._frames.empty():
            self._show(self._frames.get()[1])

    def _show(self, frame: bytes) -> None:
        self.frames += 1
        self.screen.show(frame.decode("utf-8", "replace"))


def has(pattern: str) -> Callable[[SeenScreen], bool]:
    """Whether a row of the screen matches."""
    compiled = re.compile(pattern)
    return lambda screen: any(compiled.search(line) for line in screen.lines)
