"""The thread that watches the database and the log for the screens.

It looks at `PRAGMA data_version` on one connection that it keeps, a few times a second, and reads
only when somebody has written. Of curves it reads what is new since the last step that it has seen.
"""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError
from textual.message import Message

from cxrtui.lineages.curves import TRAIN_LOSS, VAL_LOSS, VAL_MAP, SeriesKey, as_points
from cxrtui.lineages.growing import Points
from cxrtui.lineages.overview import AttemptView, ModelView, Overview, read_overview
from cxrtui.screens.away.file import AwayFile
from cxrtui.screens.away.watch import AwayWatch
from cxrtui.screens.feed.connection import reading
from cxrtui.screens.feed.machine import MachineFeed
from cxrtui.screens.keys_first import KeysFirst, Turns
from cxrtui.screens.messages import (
    FeedRead,
    LogChanged,
    LogLines,
    SupervisorSeen,
    Trouble,
)
from cxrtui.screens.reporting import in_a_line
from cxrtui.screens.run.log_tail import read_tail
from db.errors import UnavailableError
from db.lists import points_after_steps
from db.points import points_after
from jobs.paths import AttemptPaths
from jobs.queue.ensure import SupervisorInfo, supervisor_info
from jobs.workspace import Workspace

POLL_SECONDS: Final = 0.2
SUPERVISOR_SECONDS: Final = 3.0


@dataclass(frozen=True)
class Interest:
    """Which models' losses are wanted, and whose log."""

    models: tuple[str, ...] = ()
    log: str | None = None
    attempt: int | None = None  # of that model: whose log; None, or of another model: the newest


class Feed:
    """Reads; never writes, and never touches a widget: it only posts."""

    def __init__(
        self,
        workspace: Workspace,
        recipe: str,
        post: Callable[[Message], object],
        kept: AwayFile | None = None,
        keys: KeysFirst | None = None,
    ) -> None:
        keys = keys or KeysFirst()
        self._turns = Turns(keys)
        self._workspace = workspace
        self._recipe = recipe
        self._post = post
        self.reading = threading.Lock()  # held while it reads: who stops the process takes it
        self._wake = threading.Event()
        self._stopped = False
        self._interest = Interest()
        self._served: Interest | None = None
        self._version = -1
        self._overview: Overview | None = None
        self._seen: dict[SeriesKey, int] = {}
        self._log: tuple[str, int, int] | None = None  # path, size, time of the last change
        self._supervisor: SupervisorInfo | None = None
        self._supervisor_at = -SUPERVISOR_SECONDS
        self._trouble = ""
        self._machine = MachineFeed(workspace, post, keys)
        self._away = AwayWatch(kept, post)

    def want(self, interest: Interest) -> None:
        """Say what is wanted from now on; the feed looks at once."""
        self._interest = interest
        self._wake.set()

    def stop(self) -> None:
        """Make `run` return."""
        self._stopped = True
        self._wake.set()

    def run(self) -> None:
        """Watch until stopped; what cannot be read is told once and tried again."""
        self._machine.start()
        self._watch_until_stopped()
        self._machine.stop()

    def _watch_until_stopped(self) -> None:
        while not self._stopped:
            try:
                with reading(self._workspace.database, self._turns) as connection:
                    self._watch(connection)
            except (UnavailableError, SQLAlchemyError, OSError) as error:
                self._tell_trouble(in_a_line(error))
                self._version = -1  # another connection counts anew
                self._wait()

    def _watch(self, connection: Connection) -> None:
        while not self._stopped:
            self._turns.give_way()
            with self.reading:
                self._look(connection)
            self._tell_trouble("")
            self._wait()
        self._away.close(connection)

    def _wait(self) -> None:
        self._wake.wait(POLL_SECONDS)
        self._wake.clear()

    def _look(self, connection: Connection) -> None:
        interest = self._interest
        version = int(connection.exec_driver_sql("PRAGMA data_version").scalar_one())
        is_new = version != self._version
        overview = self._overview
        if overview is None or is_new:
            overview = read_overview(connection, self._recipe)
        if is_new or interest != self._served:
            arrived = tuple(self._new_points(connection, overview, interest))
            if arrived or overview != self._overview:
                self._post(FeedRead(overview, arrived))
            self._overview = overview
            self._version, self._served = version, interest
        if is_new:
            self._machine.change()
            self._away.change()
        self._away.look(connection)
        self._turns.give_way()
        self._machine.look(connection)
        self._look_at_log(interest)
        self._look_at_supervisor()

    def _new_points(
        self, connection: Connection, overview: Overview, interest: Interest
    ) -> Iterator[tuple[SeriesKey, Points]]:
        known = {model.name for model in overview.models}
        wanted = {
            ancestor.name
            for name in interest.models
            if name in known
            for ancestor in overview.lineage(name)
        }
        keys = [
            (attempt.id, split, name)
            for model in overview.models
            for attempt in model.trainings
            for split, name in (VAL_MAP, *((TRAIN_LOSS, VAL_LOSS) if model.name in wanted else ()))
        ]
        seen = {key: self._seen[key] for key in keys if key in self._seen}
        found = points_after_steps(connection, seen)
        found.update((key, points_after(connection, *key)) for key in keys if key not in seen)
        for key, points in found.items():
            if points:
                self._seen[key] = points[-1][0]
                yield key, as_points(points)

    def _look_at_log(self, interest: Interest) -> None:
        if interest.log is None or self._overview is None:
            return
        model = next((one for one in self._overview.models if one.name == interest.log), None)
        if model is None:
            return
        attempt = _attempt(model, interest.attempt)
        folder = "" if attempt is None else attempt.folder
        path = AttemptPaths(self._workspace.paths.job(folder)).log
        size, changed = -1, -1
        if folder and path.exists():
            status = path.stat()
            size, changed = status.st_size, status.st_mtime_ns
        seen = (f"{model.name} {path}", size, changed)
        if seen != self._log:
            self._log = seen
            lines = read_tail(path) if size >= 0 else ()
            self._post(LogChanged(LogLines(model.name, _title(model, attempt), lines)))

    def _look_at_supervisor(self) -> None:
        if time.monotonic() - self._supervisor_at >= SUPERVISOR_SECONDS:
            first = self._supervisor_at < 0
            self._supervisor_at = time.monotonic()
            info = supervisor_info(self._workspace.paths)
            if first or info != self._supervisor:
                self._supervisor = info
                self._post(SupervisorSeen(info))

    def _tell_trouble(self, text: str) -> None:
        if text != self._trouble:
            self._trouble = text
            self._post(Trouble(text))


def _attempt(model: ModelView, chosen: int | None) -> AttemptView | None:
    attempts = model.attempts
    return next((one for one in attempts if one.id == chosen), attempts[0] if attempts else None)


def _title(model: ModelView, attempt: AttemptView | None) -> str:
    if attempt is None:
        return ""
    kind = "train" if attempt in model.trainings else "predict"
    attempts = model.attempts
    place = f", {attempts.index(attempt) + 1} of {len(attempts)}" if len(attempts) > 1 else ""
    return f"{kind} attempt {attempt.number}{place}"
