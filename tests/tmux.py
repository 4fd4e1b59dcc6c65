"""A terminal for a test: a tmux server of its own, typed into and read as a person does."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType, TracebackType

import pytest

_PROMPT = "visitor> "
LONG_ENOUGH = 60.0  # seconds after which what is waited for will not come any more
_LOOK = 0.02  # seconds between two looks at the screen
_MISSING = "tmux is missing: install the package tmux"
_SETTINGS = """
set -g status off
set -g escape-time 0
set -g default-terminal tmux-256color
"""

Wanted = str | Callable[[str], bool]  # words, or what holds of a screen


class Tmux:
    """One pane with a shell; on leaving, the server ends, and an error gets the last screen.

    `folder` takes the server's socket and what the pane wrote; `environment` is the shell's, over
    that of the test. The screen has `columns` x `rows` cells and no line of tmux's own.
    """

    def __init__(
        self,
        folder: Path,
        columns: int = 80,
        rows: int = 24,
        environment: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        program = shutil.which("tmux")
        if program is None:
            pytest.fail(_MISSING, pytrace=False)
        self._command = [program, "-u", "-S", "tmux.socket", "-f", "tmux.conf"]
        self._written = folder / "written"
        self._size = [str(columns), str(rows)]
        self._folder = folder
        self._environment = {**os.environ, "PS1": _PROMPT, "LC_ALL": "C.UTF-8", **environment}
        for name in ("TMUX", "TMUX_PANE", "ENV", "COLUMNS", "LINES", "CI"):
            self._environment.pop(name, None)

    def __enter__(self) -> "Tmux":
        self._folder.joinpath("tmux.conf").write_text(_SETTINGS)
        columns, rows = self._size
        self._tmux("new-session", "-d", "-x", columns, "-y", rows, "sh", "-i")
        self._tmux("pipe-pane", "-O", f"cat > '{self._written}'")
        self.wait(_PROMPT.strip())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            if error is not None:
                error.add_note(f"The last screen:\n{self.screen}")
        finally:
            self._tmux("kill-server")

    @property
    def screen(self) -> str:
        """What is to be seen, a line a row."""
        return self._tmux("capture-pane", "-p")

    @property
    def styled(self) -> str:
        """The same with the escape sequences of colours."""
        return self._tmux("capture-pane", "-p", "-e")

    @property
    def is_at_prompt(self) -> bool:
        """Whether the shell waits for a command, with the terminal as it gave it away."""
        modes = "#{alternate_on}#{mouse_any_flag}#{cursor_flag}#{keypad_cursor_flag}"
        restored = self._tmux("display-message", "-p", modes).strip() == "0010"
        return restored and self.screen.rstrip().endswith(_PROMPT.strip())

    @property
    def written(self) -> int:
        """How many bytes programs have written to the terminal."""
        return self._written.stat().st_size if self._written.exists() else 0

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names, such as `a`, `Enter`, `Down` or `C-z`."""
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        """Type text as it stands."""
        self._tmux("send-keys", "-l", text)

    def run(self, line: str) -> None:
        """Type a command line, and Enter."""
        self.type(line)
        self.press("Enter")

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size."""
        self._tmux("resize-window", "-x", str(columns), "-y", str(rows))

    def lose(self) -> None:
        """Lose the terminal, as a cut connection does, and get another one."""
        self._tmux("respawn-pane", "-k", "sh", "-i")
        self.wait(_PROMPT.strip())

    def wait(self, *wanted: Wanted) -> str:
        """The first screen with all that is `wanted`."""
        return self.wait_any(wanted)

    def wait_any(self, *choices: Sequence[Wanted]) -> str:
        """The first screen with all that one of the `choices` wants."""
        deadline = time.monotonic() + LONG_ENOUGH
        while True:
            screen = self.screen
            missing = [[one for one in wanted if not _holds(one, screen)] for wanted in choices]
            if not all(missing):
                return screen
            if time.monotonic() > deadline:
                raise AssertionError(f"not on the screen: {missing}")
            time.sleep(_LOOK)

    def _tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._command, *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._folder,
            env=self._environment,
            timeout=LONG_ENOUGH,
        )
        assert done.returncode == 0, f"tmux {' '.join(arguments)}: {done.stderr}"
        return done.stdout


def _holds(wanted: Wanted, screen: str) -> bool:
    return wanted in screen if isinstance(wanted, str) else wanted(screen)
