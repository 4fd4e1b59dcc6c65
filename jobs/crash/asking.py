"""The commands of a person in a crash test: one at a time, and any of them may be killed."""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from jobs.crash.cells import AFTER_JOURNAL, BEFORE_JOURNAL
from jobs.crash.killing import find
from jobs.crash.report import LostError
from jobs.paths import WorkspacePaths
from jobs.processes import Identity
from jobs.start import command


class Asking:
    """Asks for the models of a round, by `queue add` and `run-all`, until the journal has all."""

    def __init__(self, paths: WorkspacePaths, log: Path, models: Sequence[str]) -> None:
        self.paths = paths
        self.log = log
        self.unasked = list(models)
        self.process: subprocess.Popen[bytes] | None = None
        self._begin = 0  # bytes of the journal when the command was started
        self._killed = False

    def begin(self, count: int) -> None:
        """Start a command that asks for `count` models, or for all that are left."""
        targets = self.unasked[:count]
        whole = count >= len(self.unasked)
        line = ["run-all", "--detach"] if whole else ["queue", "add", *targets]
        self._begin, self._killed = self._journal_bytes(), False
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command("cxrtui", "--workspace", str(self.paths.root), *line),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def keep(self) -> bool:
        """Whether no command runs; one that has ended must have asked. LostError if it has not."""
        if self.process is None:
            return True
        if self.process.poll() is None:
            return False
        asked = self._asked()
        if not asked and not self._killed:
            raise LostError(f"a command ended and had asked for nothing: see {self.log}")
        self.unasked = [model for model in self.unasked if model not in asked]
        self.process = None
        return True

    def victim(self, state: str) -> Identity | None:
        """The command, if it is in this state."""
        if self.process is None or self.state() != state:
            return None
        return find(self.process.pid)

    def state(self) -> str | None:
        """Whether the journal has grown since the command was started; None if none runs."""
        if self.process is None or self.process.poll() is not None:
            return None
        return AFTER_JOURNAL if self._journal_bytes() > self._begin else BEFORE_JOURNAL

    def was_killed(self) -> None:
        """Its end is no fault."""
        self._killed = True

    def _journal_bytes(self) -> int:
        return self.paths.journal.stat().st_size if self.paths.journal.exists() else 0

    def _asked(self) -> set[str]:
        """The models that the whole lines of the journal ask for since the command was started."""
        if not self.paths.journal.exists():
            return set()
        lines = self.paths.journal.read_bytes()[self._begin :].split(b"\n")[:-1]
        entries = (json.loads(line) for line in lines)
        added = (job for entry in entries if entry["kind"] == "add" for job in entry["jobs"])
        return {job["model"] for job in added if job["kind"] == "predict"}
