"""The recipe's comparisons for the page: what showed, what was contradicted, what stayed open."""

from collections.abc import Sequence
from typing import Final

from cxrtui.report.result_sheets import SPLIT_NAMES, difference
from cxrtui.report.sheets import Piece, Sheet, SheetRow, plain_row
from jobs.comparisons import ComparisonResult, SplitComparison
from jobs.recipe.schema import Comparison

_HEADS: Final = (
    "Claim", "Tested", "Verdict, dev", "Difference, dev", "Verdict, test", "Difference, test",
)  # fmt: skip


def claim_sheet(results: Sequence[ComparisonResult]) -> Sheet | None:
    """A row a claim; None without any."""
    if not results:
        return None
    rows = []
    for result in results:
        cells: list[tuple[Piece, ...]] = [(Piece(_tested(result.comparison)),)]
        for split in SPLIT_NAMES:
            cells += _split_cells(result, split)
        rows.append(SheetRow(result.comparison.claim, tuple(cells)))
    notes = (
        "Difference: choice minus control in the mean AP over the labels, on the same patients, "
        "with its 95 % interval. Higher is shown where the interval, and with seeds the difference "
        "of every one, is above 0; a margin is kept where the interval is within it.",
    )
    return Sheet("Claims", _HEADS, tuple(rows), notes, prose=True)


def seed_sheet(results: Sequence[ComparisonResult]) -> Sheet | None:
    """The difference of each seed; None for a recipe without seeds."""
    if not results or not results[0].seeds:
        return None
    rows = [
        plain_row(result.comparison.claim, (split, *map(difference, tested.seeds)))
        for result in results
        for split, tested in result.splits.items()
    ]
    heads = ("Claim", "Split", *(f"Seed {seed}" for seed in results[0].seeds))
    return Sheet("Differences, seed by seed", heads, tuple(rows)) if rows else None


def _tested(comparison: Comparison) -> str:
    wanted = "higher" if comparison.margin is None else f"less than {comparison.margin:g} apart"
    group = "" if comparison.group == "all" else f", {comparison.group} labels"
    return f"{comparison.choice} against {comparison.control}, {wanted}{group}"


def _split_cells(result: ComparisonResult, split: str) -> list[tuple[Piece, ...]]:
    tested = result.splits.get(split)
    if tested is not None:
        return [(Piece(tested.verdict, strong=tested.verdict == "shown"),), _difference(tested)]
    lacking = result.missing.get(split)
    told = f"open: no predictions of {', '.join(lacking)}" if lacking else "open: nothing to score"
    return [(Piece(told),), (Piece("-"),)]


def _difference(tested: SplitComparison) -> tuple[Piece, ...]:
    rose = f"{tested.rose} of {tested.rose_of} labels rose"
    return (
        Piece(f"{tested.mean.value:+.3f}"),
        Piece(f"{tested.mean.low:+.3f} to {tested.mean.high:+.3f}", quiet=True),
        Piece(rose, quiet=True),
    )
