"""What the per-label table of the Ensemble screen tells of each label."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cxrtui.screens.ensemble.confidence import Confidence
from cxrtui.screens.ensemble.work import LoadedSplit
from jobs.scoring.ensembles import Score


@dataclass(frozen=True)
class LabelRow:
    """A label; None stands for what is not known yet, NaN for what is undefined."""

    label: str
    positives: int  # images
    value: float  # AP of the choice
    best: float | None  # AP of the member that is best alone, for this label
    best_model: str
    base: float | None  # AP of what is compared with
    change: tuple[float, float] | None  # interval of the difference
    is_noise: bool
    is_rare: bool
    group: str


def label_rows(
    loaded: LoadedSplit,
    score: Score,
    alone: Mapping[str, Score],
    base: Score | None,
    known: Confidence | None,
) -> list[LabelRow]:
    """A row for each label, in the order of display; `alone` is empty until all are known."""
    names = list(alone)
    single = np.array([alone[name].per_label for name in names])
    best = np.argmax(np.nan_to_num(single, nan=-1), axis=0) if names else None
    bounds = None if known is None else known.label_change
    rows = []
    for place in loaded.order:
        member = None if best is None else int(best[place])
        alone_ap = None if member is None else float(single[member, place])
        rows.append(
            LabelRow(
                label=loaded.labels[place],
                positives=loaded.positives[place],
                value=float(score.per_label[place]),
                best=alone_ap,
                best_model=""
                if member is None or np.isnan(single[member, place])
                else names[member],
                base=None if base is None else float(base.per_label[place]),
                change=None if bounds is None else _pair(bounds.low[place], bounds.high[place]),
                is_noise=known is not None and bool(known.is_noise[place]),
                is_rare=known is not None and bool(known.is_rare[place]),
                group=loaded.groups[place] if loaded.groups else "",
            )
        )
    return rows


def _pair(low: np.float64, high: np.float64) -> tuple[float, float]:
    return float(low), float(high)
