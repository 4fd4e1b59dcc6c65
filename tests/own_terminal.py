"""A program in a terminal that is its own and its controlling one: keys, signals, what it shows."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Self

PATIENCE = 30.0  # seconds
LEFT = "\x1b[?1049l"  # the terminal is the shell's again


class OwnTerminal:
    """Use as a context; at its end the program is ended."""

    def __init__(self, arguments: Sequence[str], folder: Path | None = None) -> None:
        self.pid, self._ours = pty.fork()
        if self.pid == 0:
            if folder is not None:
                os.chdir(folder)
            os.environ.update(TERM="xterm-256color", PYTHONPATH=str(Path(__file__).parent.parent))
            os.execv(sys.executable, [sys.executable, *arguments])
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self.shown = ""
        self._code: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._code is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        self.close()

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def signal(self, number: int) -> None:
        """Send the program a signal."""
        os.kill(self.pid, number)

    def close(self) -> None:
        """Nobody is at this end any more."""
        if self._ours >= 0:
            os.close(self._ours)
            self._ours = -1

    def see(self, text: str) -> str:
        """Wait until the program has shown this since the last time; answers what it has shown."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.shown:
            assert time.monotonic() < deadline, f"{text!r} is not in {self.shown[-3000:]!r}"
            assert self._read() or text in self.shown, f"it ended with {self.shown[-3000:]!r}"
        before, found, self.shown = self.shown.partition(text)
        return before + found

    def state(self) -> str:
        """The letter that /proc has for the state of the program, such as T if it is stopped."""
        return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0]

    def end(self) -> int:
        """Read to the end; the exit code, negative for a signal that has killed it."""
        deadline = time.monotonic() + PATIENCE
        while self._code is None:
            assert time.monotonic() < deadline, "it does not end"
            if self._ours >= 0:
                self._read()
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        while self._ours >= 0 and self._read():
            pass
        return self._code

    def _read(self) -> bool:
        """Take what there is; whether more may come."""
        if select.select([self._ours], [], [], 0.1)[0]:
            try:
                self.shown += os.read(self._ours, 1 << 16).decode("utf-8", "replace")
            except OSError:  # EIO: nobody has the other side any more
                return False
            return True
        return self._code is None
