"""What the feed has told so far; only the application's message handlers change it."""

from dataclasses import dataclass, field
from pathlib import Path

from cxrtui.lineages.curves import Curves
from cxrtui.lineages.overview import Overview
from cxrtui.screens.feed.queue_end import QueueEnd
from cxrtui.screens.gpus.users import Machine
from cxrtui.screens.keys_first import KeysFirst
from cxrtui.screens.messages import LogLines
from jobs.queue.ensure import SupervisorInfo


@dataclass
class Known:
    """The state that all screens show."""

    recipe: str
    root: Path  # of the workspace
    watch_only: bool
    data: Path | None = None  # the data folder; None: not said yet
    writes_data: bool = False  # whether the recipe writes its own
    overview: Overview | None = None  # None: nothing has been read yet
    curves: Curves = field(default_factory=Curves)
    supervisor: SupervisorInfo | None = None
    machine: Machine | None = None
    end: QueueEnd | None = None
    log: LogLines | None = None
    trouble: str = ""
    keys: KeysFirst = field(default_factory=KeysFirst)
