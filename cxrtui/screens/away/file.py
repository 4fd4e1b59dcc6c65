"""How a dashboard was left: `dashboard.json` in its workspace."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, Literal

from pydantic import ConfigDict, TypeAdapter, ValidationError

from db.since import AttemptMark
from jobs.durable import write_json
from jobs.workspace import Workspace

VERSION: Final = 1

Setting = str | int | float | bool


@dataclass(frozen=True)
class Left:
    """What was shown last, and when; None before anything was."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True)

    version: Literal[1] = VERSION
    time: float | None = None  # seconds since 1970
    newest: float = 0.0
    alive: tuple[str, ...] = ()
    view: dict[str, Setting] = field(default_factory=dict)  # screen, model, smoothing, ...

    @property
    def mark(self) -> AttemptMark:
        """The attempts that had been seen."""
        return AttemptMark(self.newest, self.alive)


_ADAPTER: Final = TypeAdapter(Left)


class AwayFile:
    """Reads it when the dashboard opens and keeps it current.

    The application's thread sets the view, the feed's thread the rest.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._path: Path | None = None
        if workspace.database.can_write:
            self._path = workspace.paths.dashboard
        self.before = self._read()
        self.view = self.before.view
        self._seen = self.before
        self._saved = self.before

    def see(self, mark: AttemptMark) -> None:
        """These attempts have been shown."""
        if mark != self._seen.mark or self._seen.time is None:
            self._seen = Left(time=time.time(), newest=mark.newest, alive=mark.alive)

    def close(self) -> None:
        """Nothing more is shown from now on. OSError if that cannot be written."""
        if self._seen.time is not None:
            self._seen = replace(self._seen, time=time.time())
        self.save()

    @property
    def is_unsaved(self) -> bool:
        """Whether there is something to write."""
        return self._path is not None and replace(self._seen, view=self.view) != self._saved

    def save(self) -> None:
        """Write what is new. OSError if it cannot be written."""
        left = replace(self._seen, view=self.view)
        if self._path is not None and left != self._saved:
            # Not worth waiting for the disk: after a power cut it is told once more.
            write_json(self._path, _ADAPTER.dump_python(left, mode="json"), sync=False)
            self._saved = left

    def _read(self) -> Left:
        """What was left; nothing if that is of another version, or broken."""
        if self._path is None or not self._path.is_file():
            return Left()
        try:
            return _ADAPTER.validate_json(self._path.read_bytes())
        except (ValidationError, OSError):
            return Left()
