"""What a person has picked on the Ensemble screen, and the scores that are known."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from cxrtui.screens.ensemble.confidence import Confidence
from cxrtui.screens.ensemble.work import Pick
from jobs.choice import Choice
from jobs.recipe.schema import AVERAGINGS, VIEW_RULES, Averaging, ViewRule
from jobs.scoring.ensembles import Score
from jobs.scoring.views import FRONTAL_WEIGHT

SPLITS: Final = ("dev", "test")


@dataclass
class Picks:
    """Ticks, weights, view rule, averaging and split; it knows nothing of widgets."""

    split: str = SPLITS[0]
    view_rule: ViewRule = "none"
    frontal_weight: float = FRONTAL_WEIGHT
    averaging: Averaging = "probabilities"
    ticked: set[str] | None = None  # None: nobody has chosen yet, not even the recipe
    weights: dict[str, float] = field(default_factory=dict)
    scores: dict[Pick, Score] = field(default_factory=dict)
    confidence: dict[tuple[Pick, Pick | None], Confidence] = field(default_factory=dict)
    before_is_base: bool = False  # compare with the choice before, not with the best single
    _shown: Pick | None = None
    _before: Pick | None = None

    def begin(self, default: Choice) -> None:
        """Take what the recipe says, unless somebody has chosen already."""
        if self.ticked is None:
            self.ticked, self.weights = set(default.weights), dict(default.weights)
            self.view_rule, self.frontal_weight = default.view_rule, default.frontal_weight
            self.averaging = default.averaging

    def choice(self, members: Sequence[str]) -> Pick | None:
        """The ticked ones of the `members` that there are; None if that is nobody."""
        chosen = [name for name in members if self.ticked is not None and name in self.ticked]
        weights = tuple((name, self.weights.get(name, 1.0)) for name in chosen)
        if not weights:
            return None
        return self._pick(weights)

    def single(self, model: str) -> Pick:
        """One model alone, under the view rule and on the split of now."""
        return self._pick(((model, 1.0),))

    def toggle(self, model: str) -> None:
        """Take a model in, or leave it out."""
        self.ticked = (self.ticked or set()) ^ {model}

    def next_view_rule(self) -> None:
        """The view rule after this one."""
        place = VIEW_RULES.index(self.view_rule) + 1
        self.view_rule = VIEW_RULES[place % len(VIEW_RULES)]

    def next_averaging(self) -> None:
        """What is averaged after this."""
        place = AVERAGINGS.index(self.averaging) + 1
        self.averaging = AVERAGINGS[place % len(AVERAGINGS)]

    def other_split(self) -> None:
        """From dev to test, or back."""
        self.split = SPLITS[1 - SPLITS.index(self.split)]

    def show(self, choice: Pick) -> None:
        """Note that the score of `choice` is on the screen now."""
        if choice != self._shown:
            self._before, self._shown = self._shown, choice

    def base(self, choice: Pick) -> tuple[Pick | None, str]:
        """What a choice is compared with, if that is known, and what a person calls it."""
        if self.before_is_base:
            before = self._before
            if before is None or before not in self.scores or before.split != choice.split:
                return None, ""
            return before, "the choice before"
        singles = [replace(choice, weights=((name, 1.0),)) for name, _ in choice.weights]
        if any(single not in self.scores for single in singles):
            return None, ""
        best = max(singles, key=lambda single: self.scores[single].map)
        return best, best.weights[0][0]

    def forget_scores(self) -> None:
        """Forget what was worked out from predictions that have been read again."""
        self.scores.clear()
        self.confidence.clear()

    def _pick(self, weights: tuple[tuple[str, float], ...]) -> Pick:
        return Pick(weights, self.view_rule, self.frontal_weight, self.averaging, self.split)
