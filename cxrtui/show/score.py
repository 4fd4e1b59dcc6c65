"""The score of one choice of members as a table, with intervals if they are known."""

import math
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from cxrtui.show.plain import plain
from cxrtui.show.result_rows import written
from cxrtui.show.signs import FEW, NOISE
from jobs.choice_confidence import ChoiceConfidence
from jobs.confidence import Estimate, Estimates
from jobs.scoring.ensembles import Score

FEW_LEGEND: Final = f"{FEW} positives in few patients: do not trust the interval."
NOISE_LEGEND: Final = f"{NOISE} within noise: with other patients there may be no difference."


def score_table(labels: Sequence[str], score: Score, known: ChoiceConfidence | None) -> Table:
    """A row for each label, the groups, and the mean last."""
    table = Table(box=None, pad_edge=False)
    table.add_column("Label")
    table.add_column("AP", justify="right")
    if known is not None:
        table.add_column("95 % interval")
    if known is not None and known.change is not None:
        table.add_column("Change")
        table.add_column("95 % interval")
    for label, ap in zip(labels, score.per_label, strict=True):
        few = FEW if known is not None and label in known.few_positives else ""
        beside = _intervals(known, "labels", label)
        table.add_row(Text(plain(label) + few), _written(float(ap)), *beside)
    table.add_section()
    for group, mean in score.groups.items():
        beside = _intervals(known, "means", group)
        table.add_row(Text(group, style="dim"), _written(mean), *beside)
    table.add_row("Mean", _written(score.map), *_intervals(known, "means", "all"), style="bold")
    return table


def confidence_json(known: ChoiceConfidence) -> dict[str, Any]:
    """The fields that intervals add to the JSON of a score."""
    found: dict[str, Any] = {"confidence": _json(known.own)}
    if known.change is not None:
        found["change"] = _json(known.change)
    return {**found, "few_positives": list(known.few_positives)}


def _written(ap: float) -> str:
    return written(None if math.isnan(ap) else ap, True)


def _intervals(known: ChoiceConfidence | None, of: str, name: str) -> list[str]:
    """The cells beside an AP: its interval, the change, the change's interval."""
    if known is None:
        return []
    own: Estimate | None = getattr(known.own, of).get(name)
    cells = [f"{own.low:.3f} to {own.high:.3f}" if own else ""]
    if known.change is not None:
        change: Estimate | None = getattr(known.change, of).get(name)
        cells += _change(change) if change else ["", ""]
    return cells


def _change(change: Estimate) -> list[str]:
    noise = NOISE if change.is_within_noise else ""
    return [f"{change.value:+.3f}{noise}", f"{change.low:+.3f} to {change.high:+.3f}"]


def legends(known: ChoiceConfidence) -> list[str]:
    """What the signs in the table mean, if there are any."""
    changes = [] if known.change is None else [*known.change.labels.values()]
    noise = [NOISE_LEGEND] if any(one.is_within_noise for one in changes) else []
    return [*noise, *([FEW_LEGEND] if known.few_positives else [])]


def _json(found: Estimates) -> dict[str, Any]:
    return {
        part: {
            name: {**asdict(one), "within_noise": one.is_within_noise}
            for name, one in getattr(found, part).items()
        }
        for part in ("labels", "means")
    }
