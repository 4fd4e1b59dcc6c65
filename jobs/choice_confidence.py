"""How sure the score of one choice is, and its difference to another choice, on one split."""

from dataclasses import dataclass

from jobs.choice import Choice
from jobs.confidence import Estimates, estimates, sampled
from jobs.errors import InputError
from jobs.loading import RecipeHoldings
from jobs.picking import split_targets
from jobs.scores import RecipeScores
from jobs.scoring.columns import SplitScores


@dataclass(frozen=True)
class ChoiceConfidence:
    """Intervals over the patients of a split."""

    own: Estimates
    change: Estimates | None  # from the other choice, in the same resamples
    few_positives: tuple[str, ...]  # labels whose intervals mean little


def choice_confidence(
    holdings: RecipeHoldings, split: str, choice: Choice, other: Choice | None, resamples: int
) -> ChoiceConfidence:
    """Intervals of a choice, and of its paired difference to `other` if there is one.

    InputError for a member without predictions of the split.
    """
    recipe = holdings.recipe
    whole = RecipeScores(recipe, holdings.predictions, holdings.targets)
    table = split_targets(holdings, split)
    scores = SplitScores(recipe.labels, holdings.predictions, table, resamples)
    found = [sampled(scores, [one]) for one in (choice, other) if one is not None]
    known = [one for one in found if one is not None]
    if len(known) < len(found):
        lacking = [*scores.missing(choice), *(scores.missing(other) if other else ())]
        raise InputError(f"{lacking[0]} has no predictions of {split} yet")
    few = zip(recipe.labels, scores.few_positives, strict=True)
    return ChoiceConfidence(
        own=estimates(whole, known[0]),
        change=estimates(whole, known[0].minus(known[1])) if other is not None else None,
        few_positives=tuple(label for label, is_few in few if is_few),
    )
