"""What a choice can be compared with on the Ensemble screen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal, get_args

from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from jobs.choice import Choice
from jobs.scoring.ensembles import Score

Kind = Literal["single", "before", "ensemble", "published"]
_KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


@dataclass(frozen=True)
class Base:
    """What is compared with: the name is that of an ensemble, or a published column's title."""

    kind: Kind = "single"
    name: str = ""

    @property
    def text(self) -> str:
        """One text, as `base_of` reads it."""
        return f"{self.kind} {self.name}".strip()

    @property
    def title(self) -> str:
        """What a person calls it."""
        titles = {"single": "the best single member", "before": "the choice before"}
        return titles.get(self.kind, f"{self.kind} {self.name}")

    @property
    def short(self) -> str:
        """The same where there is little room."""
        return {"single": "best single", "before": "before"}.get(self.kind, self.name)


@dataclass(frozen=True, eq=False)
class Against:
    """What a choice is compared with now; without a score `why` says what is missing."""

    title: str
    short: str  # a title where there is little room
    score: Score | None = None
    pick: Pick | None = None  # None for published figures: nothing can be drawn from them
    why: str = ""


@dataclass(frozen=True)
class Offer:
    """A base that a person can choose, unless `why_not` says what it lacks."""

    base: Base
    score: Score | None = None  # if it is known already
    why_not: str = ""


def base_of(text: str) -> Base | None:
    """The base of a text such as `ensemble poster`; None if it is none."""
    kind, _, name = text.partition(" ")
    return next((Base(one, name) for one in _KINDS if one == kind), None)


def ensemble_pick(choice: Choice, split: str) -> Pick:
    """A saved ensemble, or one of the recipe, on a split."""
    weights = tuple(sorted(choice.weights.items()))
    return Pick(weights, choice.view_rule, choice.frontal_weight, choice.averaging, split)


def singles(choice: Pick) -> list[Pick]:
    """Each member of a choice alone."""
    return [replace(choice, weights=((name, 1.0),)) for name, _ in choice.weights]


def against(
    base: Base,
    choice: Pick,
    before: Pick | None,
    loaded: LoadedSplit,
    choices: Mapping[str, Choice],
    scores: Mapping[Pick, Score],
) -> Against:
    """What a choice is compared with, as far as its score is known; `choices` are ensembles."""
    if base.kind == "published":
        found = loaded.published.get(base.name)
        return Against(
            base.title, base.short, found, why="" if found else "not published for this split"
        )
    if base.kind == "single":
        alone = singles(choice)
        if any(single not in scores for single in alone):
            return Against(base.title, base.short, why="being scored")
        pick = max(alone, key=lambda single: scores[single].map)
        name = pick.weights[0][0]
        return Against(name, name, scores[pick], pick)
    wanted = base_pick(base, before, loaded, choices)
    if wanted is None:
        why = "none yet" if base.kind == "before" else _missing(loaded, choices, base.name)
        return Against(base.title, base.short, why=why)
    known = scores.get(wanted)
    return Against(base.title, base.short, known, wanted, why="" if known else "being scored")


def base_pick(
    base: Base, before: Pick | None, loaded: LoadedSplit, choices: Mapping[str, Choice]
) -> Pick | None:
    """What has to be scored for a base; None if that is nothing, or cannot be."""
    if base.kind == "before" and before is not None:
        return replace(before, split=loaded.split)
    if base.kind == "ensemble" and not _missing(loaded, choices, base.name):
        return ensemble_pick(choices[base.name], loaded.split)
    return None


def offers(
    before: Pick | None,
    loaded: LoadedSplit,
    choices: Mapping[str, Choice],
    scores: Mapping[Pick, Score],
) -> list[Offer]:
    """All that there is to compare with."""
    found = [Offer(Base("single"))]
    for base in (Base("before"), *(Base("ensemble", name) for name in choices)):
        pick = base_pick(base, before, loaded, choices)
        why = "none yet" if base.kind == "before" else _missing(loaded, choices, base.name)
        found.append(Offer(base, why_not=why) if pick is None else Offer(base, scores.get(pick)))
    printed = loaded.published.items()
    return found + [Offer(Base("published", title), score) for title, score in printed]


def _missing(loaded: LoadedSplit, choices: Mapping[str, Choice], name: str) -> str:
    """Why an ensemble cannot be scored; "" if it can."""
    if name not in choices:
        return "there is none of that name"
    absent = sorted(choices[name].weights.keys() - set(loaded.members))
    return f"needs {absent[0]}" if absent else ""
