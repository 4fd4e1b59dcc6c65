"""The line at the top of every screen."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.text import Text
from textual.widgets import Static

from cxrtui.chart.lines import WARNING
from cxrtui.screens.known import Known
from cxrtui.show.plain import plain_line
from cxrtui.show.signs import STATES

_ALARMING: Final = ("failed", "blocked")
# What is left out where there is too little room: the greatest number first.
_NEEDS: Final = {"failed": 1, "blocked": 1, "running": 2, "queued": 3, "paused": 6, "held": 6}
_TICK_SECONDS: Final = 15.0


@dataclass(frozen=True)
class Part:
    """A few words of the line; the smaller its rank, the longer they stay."""

    rank: int
    words: Text


class StatusLine(Static):
    """Recipe, workspace, supervisor, GPUs, counts of jobs by state, and when all is done."""

    DEFAULT_CSS = """
    StatusLine {
        height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._known: Known | None = None
        self._told: Text | None = None

    def on_mount(self) -> None:
        """Durations go on by themselves."""
        self.set_interval(_TICK_SECONDS, self._tell)

    def on_resize(self) -> None:
        """As much as fits now."""
        self._tell()

    def show(self, known: Known) -> None:
        """Say what is known now."""
        self._known = known
        self._tell()

    def _tell(self) -> None:
        if self._known is None or not self.size.width:
            return
        told = status_text(self._known, self.size.width)
        if told != self._told:
            self._told = told
            self.update(told, layout=False)


def status_text(known: Known, width: int) -> Text:
    """The line in so many cells; what matters least is left out first."""
    recipe = Text(plain_line(known.recipe))
    if known.trouble:
        trouble = Text(plain_line(known.trouble), WARNING)
        return _joined([Text("cxrtui", "bold"), recipe, trouble])
    parts = [
        Part(0, Text("cxrtui", "bold")),
        Part(0, recipe),
        Part(9, Text(plain_line(_short(known.root)), "dim")),
        *_machine_parts(known),
        *_job_parts(known),
    ]
    return fitted(parts, width)


def fitted(parts: Sequence[Part], width: int) -> Text:
    """The words in their order, as many as fit; those of the greatest ranks are left out."""
    kept = sorted(parts, key=lambda part: part.rank)
    while len(kept) > 1 and _joined([part.words for part in kept]).cell_len > width:
        kept.pop()
    return _joined([part.words for part in parts if part in kept])


def _joined(words: Sequence[Text]) -> Text:
    return Text("  ", no_wrap=True, overflow="ellipsis").join(words)


def _machine_parts(known: Known) -> list[Part]:
    parts = [Part(5, Text(_supervisor(known)))]
    machine = known.machine
    if machine is not None and machine.sample.trouble:
        parts.append(Part(4, Text("GPUs do not answer", WARNING)))
    elif machine is not None and machine.sample.gpus:
        parts.append(Part(7, Text(f"GPU {machine.used_places}/{machine.places}")))
    return parts


def _job_parts(known: Known) -> list[Part]:
    overview = known.overview
    if overview is None:
        return []
    parts = []
    for state, count in sorted(overview.counts, key=lambda one: _place(one[0])):
        style = f"bold {WARNING}" if state in _ALARMING else ""
        parts.append(Part(_NEEDS.get(state, 8), Text(f"{state} {count:,}", style)))
    if overview.frozen:
        parts.append(Part(1, Text("frozen", f"bold {WARNING}")))
    moves = known.supervisor is not None
    left = None if known.end is None else known.end.left(time.time(), moves=moves)
    if left is not None:
        parts.append(Part(4, Text(f"ETA {duration(left)}", "bold")))
    return parts


def _place(state: str) -> int:
    return STATES.index(state) if state in STATES else len(STATES)


def _supervisor(known: Known) -> str:
    if known.supervisor is None:
        return "only watching" if known.watch_only else "no supervisor"
    return f"supervisor {duration(time.time() - known.supervisor.since)}"


def duration(seconds: float) -> str:
    """To the minute, such as `2 d 3 h`, `9 h 40 m`, `5 m`, and under one minute `< 1 m`."""
    minutes = int(seconds // 60)
    if minutes < 1:
        return "< 1 m"
    if minutes < 60:
        return f"{minutes} m"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02} m"
    return f"{minutes // 1440} d {minutes % 1440 // 60} h"


def _short(root: Path) -> str:
    home = Path.home()
    return f"~/{root.relative_to(home)}" if root.is_relative_to(home) else str(root)
