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
_AFTERWARDS: Final = 0.2  # seconds; most effects are there by then

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
        last one of those that follow within a moment. Frames get their times from the reading
        thread alone; what is on them is looked at afterwards, so that nothing is in its way.
        """
        self.look()
        seen, last, start = sees(self.screen), None, time.perf_counter()
        self.type(keys)
        while time.perf_counter() < (start + patience if last is None else last + _MOMENT):
            time.sleep(_AFTERWARDS)
            while not self._frames.empty():
                moment, frame = self._frames.get()
                self._show(frame)
                before, seen = seen, sees(self.screen)
                if seen != before and (last is None or moment <= last + _MOMENT):
                    last = moment
        return None if last is None else last - start

    def wait(self, true: Callable[[SeenScreen], bool], patience: float = _PATIENCE) -> None:
        """Wait until something is on the screen; TimeoutError if it does not come."""
        self.look()
        if not true(self.screen) and not self._comes(true, patience):
            text = "\n".join(line.rstrip() for line in self.screen.lines).strip()
            rest = self._unfinished.decode("utf-8", "replace")
            raise TimeoutError(f"not there within {patience:.0f} s; there is\n{text}\n{rest}")

    def _comes(self, true: Callable[[SeenScreen], bool], patience: float) -> bool:
        deadline = time.perf_counter() + patience
        while (left := deadline - time.perf_counter()) > 0:
            try:
                self._show(self._frames.get(timeout=left)[1])
            except queue.Empty:
                break
            if true(self.screen):
                return True
        return False

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
