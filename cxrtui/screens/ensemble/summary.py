"""What stands above the per-label table, as text: the mAP, its groups, what was chosen."""

from rich.text import Text

from cxrtui.screens.ensemble.bases import Against
from cxrtui.screens.ensemble.cells import GROUP_COLOURS, difference, number
from cxrtui.screens.ensemble.confidence import Confidence
from cxrtui.screens.ensemble.work import Pick
from cxrtui.show.plain import plain
from cxrtui.show.signs import FEW, NOISE
from jobs.scoring.ensembles import Score
from jobs.scoring.groups import GROUPS


def summary(
    pick: Pick, score: Score, base: Against, known: Confidence | None, *, with_map: bool
) -> Text:
    """Four lines: the mAP, its difference to that of the base, the groups' means, the rules.

    Without the mAP itself where that stands large beside it.
    """
    text = Text("mAP", style="bold")
    if with_map:
        text = Text(f"mAP {number(score.map)}", style="bold reverse")
    text = Text.assemble(text, "  ")
    if known is not None:
        low, high = float(known.map.low), float(known.map.high)
        text.append(f"{number(low)} to {number(high)} with other patients", style="dim")
    text.append("\n").append_text(_compared(score, base, known))
    text.append("\n")
    for group in GROUPS if score.groups else ():
        text.append(f"{group} ", style=GROUP_COLOURS[group])
        text.append(f"{number(score.groups[group])}   ")
    text.append("\n").append_text(_rules(pick))
    return text


def legend(base: Against, known: Confidence | None) -> str:
    """What the signs in the table mean; nothing before there are any."""
    if known is None:
        return ""
    noise = f"{NOISE} within noise  " if base.pick is not None else ""
    return f"{noise}{FEW} positives in few patients"


def _compared(score: Score, base: Against, known: Confidence | None) -> Text:
    title = plain(base.title)
    if base.score is None:
        return Text(f"compared with {title}: {plain(base.why)}", style="dim")
    change = score.map - base.score.map
    interval = None if known is None else known.change
    is_noise = interval is not None and bool(interval.includes(0))
    text = Text.assemble(difference(change, is_noise=is_noise), " ")
    if interval is not None:
        text.append(f"({float(interval.low):+.3f} to {float(interval.high):+.3f}) ", style="dim")
    text.append(f"than {title} ({number(base.score.map)})", style="dim")
    if base.pick is None:
        text.append(", which gives no interval", style="dim")
    return text


def _rules(pick: Pick) -> Text:
    """The view rule, the averaging and the split, each behind its key."""
    rule = f"{pick.view_rule} {pick.frontal_weight:g}" if pick.view_rule == "study-mean" else ""
    text = Text()
    for key, what in (
        ("v", rule or f"{pick.view_rule}"),
        ("a", f"mean of {pick.averaging}"),
        ("t", pick.split),
    ):
        text.append(key, style="bold").append(f" {what}  ")
    return text
