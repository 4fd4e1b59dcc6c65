"""What stands above the per-label table, as text: the mAP, its groups, what was chosen."""

from typing import Final

from rich.cells import cell_len
from rich.text import Text

from cxrtui.screens.ensemble.bases import Against
from cxrtui.screens.ensemble.cells import GROUP_COLOURS, difference, fit, number
from cxrtui.screens.ensemble.confidence import Confidence
from cxrtui.screens.ensemble.work import Pick
from cxrtui.show.plain import plain
from cxrtui.show.signs import FEW, NOISE
from jobs.scoring.ensembles import Score
from jobs.scoring.groups import GROUPS

_LEAST: Final = 6  # cells of a name
_ROOMY: Final = 60  # cells in which the rules need no shortening


def summary(
    pick: Pick,
    score: Score,
    base: Against,
    known: Confidence | None,
    width: int,
    *,
    with_map: bool,
) -> Text:
    """Four lines: the mAP, its difference to that of the base, the groups' means, the rules.

    Without the mAP itself where that stands large beside it. In `width` cells names are cut, and
    numbers are not.
    """
    text = Text()
    if with_map:
        text.append(f"mAP {number(score.map)}", style="bold reverse").append("  ")
    if known is not None:
        text.append(f"95 %: {number(float(known.map.low))} to {number(float(known.map.high))}")
        if not with_map:
            text.append(" with other patients", style="dim")
    text.append("\n").append_text(_compared(score, base, known, width))
    text.append("\n")
    for group in GROUPS if score.groups else ():
        text.append(f"{group} ", style=GROUP_COLOURS[group])
        text.append(f"{number(score.groups[group])}   ")
    return text.append("\n").append_text(_rules(pick, width))


def legend(base: Against, known: Confidence | None) -> str:
    """What the signs in the table mean; nothing before there are any."""
    if known is None:
        return ""
    noise = f"{NOISE} within noise  " if base.pick is not None else ""
    return f"{noise}{FEW} positives in few patients"


def _compared(score: Score, base: Against, known: Confidence | None, width: int) -> Text:
    if base.score is None:
        return Text(f"compared with {plain(base.title)}: {plain(base.why)}", style="dim")
    change = score.map - base.score.map
    interval = None if known is None else known.change
    is_noise = interval is not None and bool(interval.includes(0))
    text = Text.assemble(difference(change, is_noise=is_noise), " ")
    if interval is not None:
        text.append(f"({float(interval.low):+.3f} to {float(interval.high):+.3f}) ", style="dim")
    value = f" ({number(base.score.map)})"
    room = max(width - text.cell_len - len("than") - len(value) - 1, _LEAST)
    title = base.title if cell_len(plain(base.title)) <= room else base.short
    text.append(f"than {fit(title, room).rstrip()}{value}", style="dim")
    why = ", which gives no interval"
    if base.pick is None and text.cell_len + len(why) <= width:
        text.append(why, style="dim")
    return text


def _rules(pick: Pick, width: int) -> Text:
    """The view rule, the averaging and the split, each behind its key."""
    weighted = f"{pick.view_rule}, frontal {pick.frontal_weight:g}"
    rule = weighted if pick.view_rule == "study-mean" else f"{pick.view_rule}"
    text = Text()
    mean = "mean of " if width >= _ROOMY else ""
    for key, what in (("v", rule), ("a", f"{mean}{pick.averaging}"), ("t", pick.split)):
        text.append(key, style="bold").append(f" {what}  ")
    return text
