"""What a person has picked on the Ensemble screen, and the scores that are known."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from cxrtui.screens.ensemble.bases import (
    Against,
    Base,
    Offer,
    against,
    base_pick,
    offers,
    singles,
)
from cxrtui.screens.ensemble.confidence import Confidence
from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from jobs.choice import Choice
from jobs.recipe.schema import AVERAGINGS, VIEW_RULES, Averaging, ViewRule
from jobs.scoring.ensembles import Score
from jobs.scoring.views import FRONTAL_WEIGHT

SPLITS: Final = ("dev", "test")
WEIGHT_STEP: Final = 0.5  # also the least weight that keys give
MOST_WEIGHT: Final = 99.5
MOST_SCORES: Final = 4000  # that are kept: some megabytes


@dataclass
class Picks:
    """Ticks, weights, view rule, averaging and split; it knows nothing of widgets."""

    split: str = SPLITS[0]
    view_rule: ViewRule = "none"
    frontal_weight: float = FRONTAL_WEIGHT
    averaging: Averaging = "probabilities"
    ticked: set[str] | None = None  # None: nobody has chosen yet, not even the recipe
    weights: dict[str, float] = field(default_factory=dict)
    base: Base = field(default_factory=Base)
    before: Pick | None = None  # the choice that was shown before the one of now
    choices: dict[str, Choice] = field(default_factory=dict)  # ensembles that are known
    scores: dict[Pick, Score] = field(default_factory=dict)
    confidence: dict[tuple[Pick, Pick | None], Confidence] = field(default_factory=dict)
    _last: Pick | None = None

    def begin(self, default: Choice) -> None:
        """Take what the recipe says, unless somebody has chosen already."""
        if self.ticked is None:
            self.take(default)

    def take(self, choice: Choice) -> None:
        """Tick the members of a choice, with all that it says."""
        self.ticked, self.weights = set(choice.weights), dict(choice.weights)
        self.view_rule, self.frontal_weight = choice.view_rule, choice.frontal_weight
        self.averaging = choice.averaging

    def choice(self, members: Sequence[str]) -> Pick | None:
        """The ticked ones of the `members` that there are; None if that is nobody."""
        weights = tuple((name, self.weight(name)) for name in members if self.is_ticked(name))
        if not weights:
            return None
        return self._pick(weights)

    def single(self, model: str) -> Pick:
        """One model alone, under the view rule and on the split of now."""
        return self._pick(((model, 1.0),))

    def is_ticked(self, model: str) -> bool:
        """Whether a model is a member."""
        return self.ticked is not None and model in self.ticked

    def weight(self, model: str) -> float:
        """What a model weighs, once it is a member."""
        return self.weights.get(model, 1.0)

    def toggle(self, model: str) -> None:
        """Take a model in, or leave it out."""
        self.ticked = (self.ticked or set()) ^ {model}

    def add_weight(self, model: str, steps: int) -> str:
        """Change the weight of a member by steps; if that cannot be, the reason why.

        More weight ticks a model that is no member, with the weight that it has.
        """
        if not self.is_ticked(model):
            if steps < 0:
                return f"{model} is no member: space ticks it"
            self.toggle(model)
            return ""
        weight = self.weight(model) + steps * WEIGHT_STEP
        if steps < 0 and weight < WEIGHT_STEP:
            return f"{model} weighs little already: space leaves it out"
        self.weights[model] = min(weight, MOST_WEIGHT)
        return ""

    def reset_weight(self, model: str) -> None:
        """Let a model weigh 1 again."""
        self.weights.pop(model, None)

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
        last = self._last
        # The same on another split is no other choice.
        if last is not None and replace(last, split=choice.split) != choice:
            self.before = last
        self._last = choice

    def against(self, choice: Pick, loaded: LoadedSplit) -> Against:
        """What a choice is compared with."""
        return against(self.base, choice, self.before, loaded, self.choices, self.scores)

    def offers(self, loaded: LoadedSplit) -> list[Offer]:
        """All that a choice can be compared with."""
        return offers(self.before, loaded, self.choices, self.scores)

    def alone(self, choice: Pick) -> dict[str, Score]:
        """What the members of a choice score alone, as far as that is known."""
        known = ((one.weights[0][0], self.scores.get(one)) for one in singles(choice))
        return {name: score for name, score in known if score is not None}

    def missing(self, choice: Pick | None, loaded: LoadedSplit) -> list[Pick]:
        """What has to be scored, in the order in which a person wants to see it."""
        base = base_pick(self.base, self.before, loaded, self.choices)
        alone = (self.single(name) for name in loaded.members)
        wanted = (choice, *(singles(choice) if choice else ()), base, *alone)
        unique = dict.fromkeys(one for one in wanted if one is not None)
        return [one for one in unique if one not in self.scores]

    def unsure(self, choice: Pick | None, loaded: LoadedSplit) -> tuple[Pick, Pick | None] | None:
        """A choice and its base whose intervals are not known; None where that has to wait."""
        if choice is None or choice not in self.scores:
            return None
        base = self.against(choice, loaded)
        asked = choice, base.pick
        return None if base.score is None or asked in self.confidence else asked

    def keep(self, pick: Pick, score: Score) -> None:
        """Know a score; of very many those that have been known longest are forgotten."""
        self.scores.pop(pick, None)
        self.scores[pick] = score
        if len(self.scores) > MOST_SCORES:
            del self.scores[next(iter(self.scores))]

    def forget_scores(self) -> None:
        """Forget what was worked out from predictions that have been read again."""
        self.scores.clear()
        self.confidence.clear()

    def _pick(self, weights: tuple[tuple[str, float], ...]) -> Pick:
        return Pick(weights, self.view_rule, self.frontal_weight, self.averaging, self.split)
