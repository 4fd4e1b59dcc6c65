"""The main figures in words, computed from the tables; and what is missing."""

from collections.abc import Iterator, Sequence

from cxrtui.report.result_sheets import with_interval
from cxrtui.report.sheets import listed
from jobs.comparisons import ComparisonResult
from jobs.confidence import Confidence, Estimate
from jobs.recipe.schema import Recipe
from jobs.results import ResultTable


def summary(
    recipe: Recipe, table: ResultTable, sure: Confidence, claims: Sequence[ComparisonResult]
) -> tuple[str, ...]:
    """A few sentences on the best column, the last one, and the claims."""
    found = [*_columns(table, sure), *_claims(claims)]
    if recipe.data.phantom is not None:
        found.append("The images are synthetic: these numbers say nothing about chest X-rays.")
    return tuple(found)


def missing(table: ResultTable, claims: Sequence[ComparisonResult]) -> tuple[str, ...]:
    """What is not there yet, plainly."""
    lacking = [
        title
        for title, one in zip(table.columns, table.finished, strict=True)
        if not (one.dev and one.test)
    ]
    found = []
    if lacking and len(lacking) == len(table.columns):
        found.append("No column of the result table is finished yet.")
    elif lacking:
        found.append(f"Not finished yet: the columns {listed(lacking)}.")
    untested = [one.comparison.claim for one in claims if one.missing]
    if untested:
        found.append(f"Not fully tested yet, for want of predictions: {'; '.join(untested)}.")
    return tuple(found)


def _columns(table: ResultTable, sure: Confidence) -> Iterator[str]:
    """The best mAP of each split, and whether the last column differs from the first."""
    for split, name in (("dev", "development"), ("test", "test")):
        means = _means(sure, split)
        if not means:
            continue
        place = max(means, key=lambda column: means[column].value)
        yield (
            f"On {name} the best column is {table.columns[place]}, "
            f"with a mAP of {with_interval(means[place])}."
        )
    if any(_means(sure, split) for split in sure.splits):
        yield (
            "In brackets: 95 % intervals by the bootstrap over patients, "
            f"{sure.resamples:,} resamples."
        )


def _means(sure: Confidence, split: str) -> dict[int, Estimate]:
    if split not in sure.splits:
        return {}
    columns = enumerate(sure.splits[split].columns)
    return {
        place: one.means["all"] for place, one in columns if one is not None and "all" in one.means
    }


def _claims(claims: Sequence[ComparisonResult]) -> Iterator[str]:
    """Which claims are shown on test, which contradicted, which neither."""
    for verdict in ("shown", "contradicted", "not shown"):
        those = [
            one.comparison.claim
            for one in claims
            if "test" in one.splits and one.splits["test"].verdict == verdict
        ]
        if those:
            yield f"{verdict.capitalize()} on test: {'; '.join(those)}."
