"""The per-label AP table of the Ensemble screen, as text."""

from typing import Final

import numpy as np
from rich.text import Text

from cxrtui.chart.lines import COLOURS, WARNING
from cxrtui.screens.ensemble.confidence import Confidence
from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from cxrtui.show.plain import plain
from cxrtui.show.signs import FEW, NOISE
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
    titles = f"{'label':<{_LABEL}}{positives}{'AP':>6}  {'change':<{_CHANGE}}  group"
    return Text(titles, style="bold")


def ap_table(
    loaded: LoadedSplit, score: Score, against: Score | None, known: Confidence | None, width: int
) -> Text:
    """One line a label: AP, its difference to that of `against`, and the label's group.

    What is `known` of intervals marks differences within noise, and labels that are too rare.
    """
    text = Text()
    positives = loaded.targets.sum(axis=0)
    for place in loaded.order:
        value = float(score.per_label[place])
        before = float("nan") if against is None else float(against.per_label[place])
        is_noise = known is not None and bool(known.is_noise[place])
        is_rare = known is not None and bool(known.is_rare[place])
        text.append(f"{plain(loaded.labels[place]):<{_LABEL}.{_LABEL}}")
        if width >= _BAR_FROM:
            text.append(f"{positives[place]:>9,}", style="dim")
        text.append(f"{number(value):>6}").append(FEW if is_rare else " ", style="dim")
        text.append(" ").append_text(difference(value - before, is_noise=is_noise))
        group = loaded.groups[place] if loaded.groups else ""
        text.append(f" {group:<6}", style=_GROUP_COLOURS.get(group, ""))
        if width >= _BAR_FROM and not np.isnan(value):
            text.append("  " + "▄" * round(value * (width - _BAR_FROM)), style=COLOURS[0])
        text.append("\n")
    text.rstrip()
    return text


def summary(
    pick: Pick,
    score: Score,
    against: Score | None,
    than: str,
    known: Confidence | None,
) -> Text:
    """The mAP with its interval, what it is compared with, its groups, and what was chosen."""
    text = Text()
    text.append(f"mAP {number(score.map)}", style="bold reverse").append("  ")
    if known is not None:
        low, high = float(known.map.low), float(known.map.high)
        text.append(f"{number(low)} to {number(high)} with other patients", style="dim")
    text.append("\n")
    if against is not None:
        text.append_text(_change(score.map - against.map, known))
        text.append(f" than {plain(than)} ({number(against.map)})", style="dim")
    text.append("\n")
    for group in GROUPS if score.groups else ():
        text.append(f"{group} ", style=_GROUP_COLOURS[group])
        text.append(f"{number(score.groups[group])}   ")
    text.append("\n")
    text.append("mean of ", style="dim").append(pick.averaging)
    text.append("   view rule ", style="dim").append(pick.view_rule)
    if pick.view_rule == "study-mean":
        text.append(f" {pick.frontal_weight:g}", style="dim")
    return text


def legend(known: Confidence | None) -> str:
    """What the signs in the table mean; nothing before there are any."""
    return "" if known is None else f"{NOISE} within noise  {FEW} positives in few patients"


def _change(change: float, known: Confidence | None) -> Text:
    """The difference of the mAP, with its interval once that is known."""
    if known is None or known.change is None:
        return difference(change)
    low, high = float(known.change.low), float(known.change.high)
    is_noise = bool(known.change.includes(0))
    text = difference(change, is_noise=is_noise)
    return text.append(f"({low:+.3f} to {high:+.3f})", style="dim")


def number(value: float) -> str:
    """Three digits as on the poster; a dash where AP is undefined."""
    return "-" if np.isnan(value) else f"{value:.3f}"


def difference(value: float, *, is_noise: bool = False) -> Text:
    """A signed number of nine cells with its direction, so that colour is never alone."""
    if np.isnan(value):
        return Text(" " * (_CHANGE + 1))
    sign, colour = ("▲", _RAISED) if value > 0 else ("▼", WARNING)
    text = Text(f"{sign} {value:+.3f} ", style=colour)
    if abs(value) < SHOWN:
        text = Text("=  0.000 ", style="dim")
    elif is_noise:
        text = Text(f"{sign} {value:+.3f}{NOISE}", style="dim")
    return text
