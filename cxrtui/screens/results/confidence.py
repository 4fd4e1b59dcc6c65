"""How sure the Results screen can be of what it shows: worked out column by column."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from cxrtui.screens.results.work import LoadedResults
from jobs.choice import column_choices
from jobs.comparisons import ComparisonResult, compare_all, comparison_choices
from jobs.confidence import Estimates, Sampled, estimates, sampled


@dataclass(frozen=True)
class ColumnConfidence:
    """Of a finished column on a split; `change` is None where it has no finished neighbour."""

    split: str
    column: int
    own: Estimates
    change: Estimates | None  # from the column before
    few_positives: frozenset[str]  # labels whose intervals mean little


def column_confidences(
    loaded: LoadedResults, splits: tuple[str, ...], is_cancelled: Callable[[], bool]
) -> Iterator[ColumnConfidence]:
    """The finished columns on these splits, one after the other, until cancelled.

    They are those of `jobs.confidence.confidence`; what was resampled before costs nothing.
    """
    for name in splits:
        if name in loaded.scores.splits:
            yield from _on_split(loaded, name, is_cancelled)


def claims_put_to_test(
    loaded: LoadedResults, told: Callable[[int, int], None], is_cancelled: Callable[[], bool]
) -> tuple[ComparisonResult, ...] | None:
    """What the recipe's claims come to; None if nobody wants to know any more."""
    scores = loaded.scores
    if not scores.resample(comparison_choices(scores.recipe), told, is_cancelled):
        return None
    return compare_all(scores)


def _on_split(
    loaded: LoadedResults, name: str, is_cancelled: Callable[[], bool]
) -> Iterator[ColumnConfidence]:
    recipe, split = loaded.recipe, loaded.scores.splits[name]
    few = zip(recipe.labels, split.few_positives, strict=True)
    few_positives = frozenset(label for label, is_few in few if is_few)
    before: Sampled | None = None
    for place, column in enumerate(recipe.columns):
        choices = column_choices(recipe, column)
        found: Sampled | None = None
        if not any(split.missing(choice) for choice in choices):
            if not all(split.resample(choice, is_cancelled) for choice in choices):
                return
            found = sampled(split, choices)
        if found is not None:
            own = estimates(loaded.scores, found)
            change = None if before is None else estimates(loaded.scores, found.minus(before))
            yield ColumnConfidence(name, place, own, change, few_positives)
        before = found
