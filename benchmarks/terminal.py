"""A program in a terminal of its own, whose screen is read and thrown away."""

import fcntl
import os
import pty
import signal
import struct
import subprocess
import termios
import threading
from collections.abc import Sequence
from typing import Self

ROWS, COLUMNS = 50, 160


class Terminal:
    """Use as a context; at its end the program is ended."""

    def __init__(self, line: Sequence[str]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._process = subprocess.Popen(
            line,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
        )
        os.close(theirs)
        self.pid = self._process.pid
        self.shown = 0  # bytes
        self._draining = threading.Thread(target=self._drain)

    def __enter__(self) -> Self:
        self._draining.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        self._draining.join()
        os.close(self._ours)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def _drain(self) -> None:
        while True:
            try:
                self.take(os.read(self._ours, 1 << 16))
            except OSError:  # EIO: nobody has the other side any more
                return

    def take(self, output: bytes) -> None:
        """Count what was shown."""
        self.shown += len(output)
