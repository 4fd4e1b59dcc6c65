"""What the Ensemble screen knows of a split that has been read, and what it has scored there."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from jobs.choice import Choice
from jobs.data.labels import Group
from jobs.recipe.schema import Averaging, ViewRule
from jobs.scoring.ensembles import Score


@dataclass(frozen=True)
class Pick:
    """A choice of members, and the split that it is scored on."""

    weights: tuple[tuple[str, float], ...]
    view_rule: ViewRule
    frontal_weight: float
    averaging: Averaging
    split: str

    @property
    def choice(self) -> Choice:
        """The choice as the rest of the program has it."""
        return Choice(dict(self.weights), self.view_rule, self.frontal_weight, self.averaging)


@dataclass(frozen=True, eq=False)
class LoadedSplit:
    """A split with C labels, and who has predicted it; its images stay with who scores them."""

    split: str
    members: tuple[str, ...]  # sorted
    labels: tuple[str, ...]
    order: tuple[int, ...]  # (C,) places of the labels in the order of display
    groups: tuple[Group, ...]  # (C,) or empty where the training labels are unknown
    positives: tuple[int, ...]  # (C,) images with each label
    images: int
    patients: int
    default: Choice
    saved: frozenset[str]  # names of saved ensembles
    choices: Mapping[str, Choice] = field(default_factory=dict)  # of the recipe, then saved ones
    published: Mapping[str, Score] = field(default_factory=dict)  # by the title of the column
