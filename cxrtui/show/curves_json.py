"""The points of the poster's figure for scripts."""

import math
from dataclasses import asdict
from typing import Any

from cxrtui.lineages.curves import Curve
from cxrtui.lineages.lineage import SERIES, Lineage, Series
from cxrtui.lineages.reading import FoundLineages, Waiting


def curves_json(found: FoundLineages, smoothing: float) -> dict[str, Any]:
    """All that is drawn; what is not finite is null, and what has no value yet is null too."""
    return {
        "smoothing": smoothing,
        "lineages": [_lineage(lineage, smoothing) for lineage in found.lineages],
        "waiting": [_waiting(waiting) for waiting in found.waiting],
    }


def _lineage(lineage: Lineage, smoothing: float) -> dict[str, Any]:
    lines = {series: lineage.lines(series, smoothing) for series in SERIES}
    return {
        "name": lineage.name,
        "title": lineage.words,
        "models": [asdict(phase) for phase in lineage.phases],
        "repeats": [
            {
                "model": repeat.model,
                "restarts": list(repeat.curves["val_loss"].restarts),
                "series": {series: _curve(lines[series][place]) for series in SERIES},
            }
            for place, repeat in enumerate(lineage.repeats)
        ],
        "mean": {series: _curve(lineage.mean(series, smoothing)) for series in SERIES},
        "final": {series: _final(lineage, series) for series in SERIES},
    }


def _curve(curve: Curve) -> dict[str, list[float | None]]:
    return {
        "epoch": [float(epoch) for epoch in curve.epoch],
        "value": [_number(value) for value in curve.value],
    }


def _final(lineage: Lineage, series: Series) -> dict[str, float | None] | None:
    ending = lineage.ending(series)
    if ending is None:
        return None
    return {name: _number(value) for name, value in asdict(ending).items()}


def _waiting(waiting: Waiting) -> dict[str, str]:
    return {"model": waiting.model, "state": waiting.state, "reason": waiting.reason}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
