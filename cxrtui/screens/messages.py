"""What the feed and the workers tell the screens. Each message carries one frozen record."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:  # the application imports this before it paints
    from cxrtui.lineages.curves import SeriesKey
    from cxrtui.lineages.growing import Points
    from cxrtui.lineages.overview import Overview
    from cxrtui.screens.away.news import News
    from cxrtui.screens.feed.queue_end import QueueEnd
    from cxrtui.screens.gpus.users import Machine
    from jobs.queue.ensure import SupervisorInfo


@dataclass(frozen=True)
class LogLines:
    """The end of the log of an attempt of a model."""

    model: str
    attempt: str  # such as "train attempt 2, 1 of 3", the newest first; "" without any
    lines: tuple[str, ...]


class FeedRead(Message):
    """Models, jobs and attempts as they are now, and new points by series."""

    def __init__(
        self, overview: "Overview", points: "tuple[tuple[SeriesKey, Points], ...]" = ()
    ) -> None:
        super().__init__()
        self.overview, self.points = overview, points


class LogChanged(Message):
    """The log of the selected model has grown, or another model is selected."""

    def __init__(self, log: LogLines) -> None:
        super().__init__()
        self.log = log


class SupervisorSeen(Message):
    """Who supervises the workspace now, or None."""

    def __init__(self, info: "SupervisorInfo | None") -> None:
        super().__init__()
        self.info = info


class MachineChanged(Message):
    """The GPUs, the cores, or what runs on them are not as they were."""

    def __init__(self, machine: "Machine") -> None:
        super().__init__()
        self.machine = machine


class EndChanged(Message):
    """When the queue will be done has been worked out anew."""

    def __init__(self, end: "QueueEnd") -> None:
        super().__init__()
        self.end = end


class AwayTold(Message):
    """What happened since the dashboard was left, at a time in seconds since 1970."""

    def __init__(self, news: "tuple[News, ...]", since: float) -> None:
        super().__init__()
        self.news, self.since = news, since


class Trouble(Message):
    """Something cannot be read, in one line for a person; "": it can be read again."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class WorkFailed(Message):
    """Loading or saving ended with an error, in one line for a person."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text


class EnsembleSaved(Message):
    """An ensemble is in the journal."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name
