"""The per-label AP table of the Ensemble screen, as text."""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from rich.text import Text

from cxrtui.chart.lines import COLOURS, WARNING
from cxrtui.screens.ensemble_work import LoadedSplit, Pick
from cxrtui.show.plain import plain
from jobs.scoring.ensembles import Score
from jobs.scoring.groups import GROUPS

SHOWN: Final = 0.0005  # a difference that three digits cannot show is none
_LABEL: Final = 26
_RAISED: Final = COLOURS[2]
_GROUP_COLOURS: Final = {"head": "", "medium": COLOURS[0], "tail": COLOURS[1]}
_CHANGE: Final = 8
_BAR_FROM: Final = 70  # cells of width that are needed to show a bar, and the positives


def table_header(width: int) -> Text:
    """The titles of the columns."""
    positives = f"{'positive':>9}" if width >= _BAR_FROM else ""
    titles = f"{'label':<{_LABEL}}{positives}{'AP':>6} {'change':<{_CHANGE}} group"
    return Text(titles, style="bold")


def ap_table(
    loaded: LoadedSplit, score: Score, against: NDArray[np.float64] | None, width: int
) -> Text:
    """One line a label: AP, its difference to that of `against`, and the label's group."""
    text = Text()
    for place in loaded.order:
        value = float(score.per_label[place])
        before = float("nan") if against is None else float(against[place])
        text.append(f"{plain(loaded.labels[place]):<{_LABEL}.{_LABEL}}")
        if width >= _BAR_FROM:
            text.append(f"{loaded.positives[place]:>9,}", style="dim")
        text.append(f"{number(value):>6} ")
        text.append_text(difference(value - before))
        group = loaded.groups[place] if loaded.groups else ""
        text.append(f" {group:<6}", style=_GROUP_COLOURS.get(group, ""))
        if width >= _BAR_FROM and not np.isnan(value):
            text.append("  " + "▄" * round(value * (width - _BAR_FROM)), style=COLOURS[0])
        text.append("\n")
    text.rstrip()
    return text


def summary(
    loaded: LoadedSplit, choice: Pick, score: Score, against: Score | None, than: str
) -> Text:
    """The mAP and its groups, what it is compared with, and what was chosen."""
    text = Text()
    text.append(f"mAP {number(score.map)}", style="bold reverse").append("  ")
    if against is not None:
        text.append_text(difference(score.map - against.map))
        text.append(f" than {plain(than)} ({number(against.map)})", style="dim")
    text.append("\n")
    for group in GROUPS if score.groups else ():
        text.append(f"{group} ", style=_GROUP_COLOURS[group])
        text.append(f"{number(score.groups[group])}   ")
    text.append("\n")
    text.append(f"{choice.split}, {loaded.images:,} images   view rule ", style="dim")
    text.append(choice.view_rule)
    if choice.view_rule == "study-mean":
        text.append(f", frontal {choice.frontal_weight:g}", style="dim")
    return text


def number(value: float) -> str:
    """Three digits as on the poster; a dash where AP is undefined."""
    return "-" if np.isnan(value) else f"{value:.3f}"


def difference(value: float) -> Text:
    """A signed number of eight cells with its direction, so that colour is never alone."""
    if np.isnan(value):
        return Text(" " * _CHANGE)
    if abs(value) < SHOWN:
        return Text("=  0.000", style="dim")
    sign, colour = ("▲", _RAISED) if value > 0 else ("▼", WARNING)
    return Text(f"{sign} {value:+.3f}", style=colour)
