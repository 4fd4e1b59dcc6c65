"""The part of the feed that tells of the machine."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection
from textual.message import Message

from cxrtui.screens.feed.end_watch import EndWatch
from cxrtui.screens.feed.pace import Pace
from cxrtui.screens.gpus.users import Machine, RunningJob, running_jobs
from cxrtui.screens.gpus.watch import MachineWatch, Sample
from cxrtui.screens.keys_first import KeysFirst
from cxrtui.screens.messages import MachineChanged
from cxrtui.screens.run.speed import JobSpeed, job_speeds
from jobs.workspace import Workspace

_JOBS_SECONDS: Final = 2.0


class MachineFeed:
    """Posts what changed; the feed says when the database did."""

    def __init__(
        self, workspace: Workspace, post: Callable[[Message], object], keys: KeysFirst
    ) -> None:
        self._settings = workspace.settings
        self._post = post
        self._watch = MachineWatch(workspace.settings.gpus)
        self._jobs: tuple[RunningJob, ...] = ()
        self._speeds: tuple[JobSpeed, ...] = ()
        self._sample: Sample | None = None
        self._machine: Machine | None = None
        self._slots: dict[str, int] = {}
        self._end = EndWatch(workspace, post, keys)
        self._jobs_pace = Pace(_JOBS_SECONDS)

    def start(self) -> None:
        """Begin to sample the machine."""
        self._watch.start()
        self._end.start()

    def stop(self) -> None:
        """Sample no more."""
        self._watch.stop()
        self._end.stop()

    def change(self) -> None:
        """The database is not what it was."""
        self._jobs_pace.change()
        self._end.change()

    def look(self, connection: Connection) -> None:
        """Post what is new, each at its pace."""
        sample = self._watch.sample
        if sample is None:
            return
        if self._jobs_pace.begin():
            self._jobs, self._speeds = running_jobs(connection), job_speeds(connection)
            self._jobs_pace.end()
        if sample != self._sample:
            self._sample, slots = sample, self._count(sample)
            if slots != self._slots:
                self._slots = slots
                self._end.change(slots)
        machine = Machine(sample, self._jobs, self._slots["network"], self._speeds)
        if machine != self._machine:
            self._machine = machine
            self._post(MachineChanged(machine))

    def _count(self, sample: Sample) -> dict[str, int]:
        # Imported late: it needs pynvml.
        from jobs.queue.slots import count_slots

        counts = count_slots([used.gpu for used in sample.gpus], self._settings.cpu_slots)
        return {str(resource): count for resource, count in counts.items()}
