"""Comparisons for a person and for a program: each claim, each seed's difference, the verdict."""

from collections.abc import Callable, Sequence
from typing import Any

from cxrtui.show.differences import SPLIT_NAMES, signed
from cxrtui.show.grid import Grid
from cxrtui.show.result_rows import UNDEFINED, UNFINISHED
from jobs.comparisons import ComparisonResult, SplitComparison
from jobs.confidence import Estimate

RECORD: tuple[str, ...] = (
    *("claim", "choice", "control", "group", "margin", "split"),
    *("seed", "difference", "low", "high", "rose", "rose_of", "verdict"),
)


def comparison_grids(results: Sequence[ComparisonResult], resamples: int) -> list[Grid]:
    """A table for each claim: a line a seed, the mean, and what each split says of it."""
    return [_grid(result, resamples) for result in results]


def comparison_records(results: Sequence[ComparisonResult]) -> list[dict[str, Any]]:
    """A record with the keys of `RECORD` for each seed of each split, and one for their mean."""
    found = []
    for result in results:
        one = result.comparison
        for split in SPLIT_NAMES:
            claim = {
                "claim": one.claim,
                "choice": one.choice,
                "control": one.control,
                "group": one.group,
                "margin": one.margin,
                "split": split,
            }
            tested = result.splits.get(split)
            if tested is None:
                open_ = "unfinished" if split in result.missing else None
                found.append({**claim, "seed": "mean", "verdict": open_})
                continue
            for seed, estimate in zip(result.seeds, tested.seeds, strict=False):
                found.append({**claim, "seed": seed, **_numbers(estimate)})
            told = {"rose": tested.rose, "rose_of": tested.rose_of, "verdict": tested.verdict}
            found.append({**claim, "seed": "mean", **_numbers(tested.mean), **told})
    return found


def comparisons_json(results: Sequence[ComparisonResult]) -> list[dict[str, Any]]:
    """The same as one object a claim."""
    return [
        {
            **result.comparison.model_dump(mode="json"),
            **{
                split: _split_json(result, split)
                for split in SPLIT_NAMES
                if split in result.splits or split in result.missing
            },
        }
        for result in results
    ]


def _split_json(result: ComparisonResult, split: str) -> dict[str, Any]:
    tested = result.splits.get(split)
    if tested is None:
        return {"verdict": None, "missing": result.missing.get(split, ())}
    seeds = result.seeds or (None,) * len(tested.seeds)
    return {
        "verdict": tested.verdict,
        "mean": _numbers(tested.mean),
        "seeds": [
            {"seed": seed, **_numbers(estimate)}
            for seed, estimate in zip(seeds, tested.seeds, strict=True)
        ],
        "rose": tested.rose,
        "rose_of": tested.rose_of,
        "missing": (),
    }


def _numbers(estimate: Estimate) -> dict[str, float]:
    return {"difference": estimate.value, "low": estimate.low, "high": estimate.high}


def _grid(result: ComparisonResult, resamples: int) -> Grid:
    comparison = result.comparison
    what = "mAP" if comparison.group == "all" else f"mean AP of {comparison.group}"
    rows = [
        _row(result, f"seed {seed}", _of_seed(place)) for place, seed in enumerate(result.seeds)
    ]
    rows += [
        _row(result, "mean over the seeds" if result.seeds else what, lambda one: signed(one.mean)),
        _row(result, "labels that rose", lambda one: f"{one.rose} of {one.rose_of}"),
        _row(result, "verdict", lambda one: one.verdict),
    ]
    claimed = "above 0" if comparison.margin is None else f"within ±{comparison.margin:g}"
    notes = [
        f"{what} of {comparison.choice} minus {comparison.control}, claimed to be {claimed}; "
        f"95 % intervals from {resamples:,} resamples of the patients."
    ]
    missing = {name: None for names in result.missing.values() for name in names}
    notes += [f"No predictions yet of {', '.join(missing)}."] if missing else []
    columns = ("", *SPLIT_NAMES.values())
    return Grid(comparison.claim, columns, tuple(rows), tuple(notes), left=len(columns))


def _row(
    result: ComparisonResult, title: str, told: Callable[[SplitComparison], str]
) -> tuple[str, ...]:
    def cell(split: str) -> str:
        if split in result.splits:
            return told(result.splits[split])
        return UNFINISHED if split in result.missing else UNDEFINED

    return (title, *map(cell, SPLIT_NAMES))


def _of_seed(place: int) -> Callable[[SplitComparison], str]:
    return lambda one: signed(one.seeds[place])
