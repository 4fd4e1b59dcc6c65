"""Results as one JSON document, unrounded; what is undefined or unfinished is null."""

from typing import Any

from cxrtui.show.comparisons import comparisons_json
from cxrtui.show.result_parts import Results
from cxrtui.show.stage_table import stages_json
from jobs.confidence import Confidence, Estimate, Estimates
from jobs.published import Published
from jobs.results import to_json


def results_json(results: Results) -> dict[str, Any]:
    """The document; `published` is its own table in the same shape."""
    found: dict[str, Any] = {"recipe": results.recipe}
    if results.table is not None:
        found |= to_json(results.table)
        if results.confidence is not None:
            found["confidence"] = _confidence(results.confidence, results.table.columns)
        if results.published is not None:
            found["published"] = _published(results.published)
    if results.stages:
        found["stages"] = stages_json(results.stages)
        found["saving"] = None if results.saving is None else _saving(results)
    if results.comparisons:
        found["resamples"] = results.resamples
        found["comparisons"] = comparisons_json(results.comparisons)
    return found


def _saving(results: Results) -> dict[str, Any]:
    saved = results.saving
    if saved is None:
        return {}
    costs = {"staged_cost": vars(saved.staged_cost), "large_cost": vars(saved.large_cost)}
    return {**vars(saved), **costs}


def _confidence(confidence: Confidence, titles: tuple[str, ...]) -> dict[str, Any]:
    return {
        "resamples": confidence.resamples,
        "few_positives": {split: one.few_positives for split, one in confidence.splits.items()},
        "columns": [
            {
                "column": title,
                **{
                    split: {
                        "intervals": _estimates(one.columns[place], is_difference=False),
                        "differences": _estimates(one.differences[place], is_difference=True),
                    }
                    for split, one in confidence.splits.items()
                },
            }
            for place, title in enumerate(titles)
        ],
    }


def _estimates(found: Estimates | None, *, is_difference: bool) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        "labels": {name: _estimate(one, is_difference) for name, one in found.labels.items()},
        "means": {name: _estimate(one, is_difference) for name, one in found.means.items()},
    }


def _estimate(estimate: Estimate, is_difference: bool) -> dict[str, Any]:
    noise = {"within_noise": estimate.is_within_noise} if is_difference else {}
    return {**vars(estimate), **noise}


def _published(published: Published) -> dict[str, Any]:
    return {
        "citation": published.citation,
        "columns": list(published.columns),
        "rows": [
            {"label": row.label, "cells": [vars(cell) for cell in row.cells]}
            for row in published.rows
        ],
        "mean": {"cells": [vars(cell) for cell in published.mean.cells]},
        "notes": list(published.notes),
    }
