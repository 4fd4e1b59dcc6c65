"""The line at the top of every screen."""

import time
from pathlib import Path
from typing import Final

from rich.text import Text
from textual.widgets import Static

from cxrtui.chart.lines import WARNING
from cxrtui.screens.known import Known
from cxrtui.show.plain import plain

_ORDER: Final = (
    "running",
    "queued",
    "blocked",
    "failed",
    "paused",
    "held",
    "cancelled",
)
_ALARMING: Final = ("failed", "blocked")


class StatusLine(Static):
    """Recipe, counts of jobs by state, supervisor, workspace."""

    DEFAULT_CSS = """
    StatusLine {
        height: 1; padding: 0 1; background: $panel; text-wrap: nowrap; text-overflow: ellipsis;
    }
    """

    def show(self, known: Known) -> None:
        """Say what is known now."""
        self.update(status_text(known), layout=False)


def status_text(known: Known) -> Text:
    """The line; what matters least stands last, where a narrow screen cuts it off."""
    text = Text()
    text.append("cxrtui ", style="bold")
    text.append(f" {plain(known.recipe)} ")
    if known.trouble:
        return text.append(f" {plain(known.trouble)}", style=WARNING)
    counts = dict(known.overview.counts) if known.overview is not None else {}
    done = counts.pop("succeeded", 0)
    for state in sorted(counts, key=_place):
        style = f"bold {WARNING}" if state in _ALARMING else ""
        text.append(f" {state} {counts[state]} ", style=style)
    if known.overview is not None and known.overview.frozen:
        text.append(" frozen ", style=f"bold {WARNING}")
    text.append(f" {_supervisor(known)}  succeeded {done} ")
    return text.append(f" {plain(_short(known.root))}", style="dim")


def _place(state: str) -> int:
    return _ORDER.index(state) if state in _ORDER else len(_ORDER)


def _supervisor(known: Known) -> str:
    info = known.supervisor
    if info is None:
        return "only watching" if known.watch_only else "no supervisor"
    began = time.localtime(info.since)
    recent = time.time() - info.since < 20 * 3600
    return "supervisor since " + time.strftime("%H:%M" if recent else "%d %b %H:%M", began)


def _short(root: Path) -> str:
    home = Path.home()
    return f"~/{root.relative_to(home)}" if root.is_relative_to(home) else str(root)
