"""What the Ensemble screen scores: a pick of members on a split that has been read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.choice import Choice, recipe_choices
from jobs.data.labels import Group
from jobs.published import published
from jobs.recipe.schema import Averaging, ViewRule
from jobs.scoring.ensembles import EnsembleScorer, Score
from jobs.workspace import Workspace

PUBLISHED_SPLITS: Final = ("dev", "test")


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
    """A split of N images with C labels, and a scorer of all members that have predicted it."""

    split: str
    labels: tuple[str, ...]
    order: tuple[int, ...]  # (C,) places of the labels in the order of display
    groups: tuple[Group, ...]  # (C,) or empty where the training labels are unknown
    targets: NDArray[np.bool_]  # (N, C)
    patient: NDArray[np.str_]  # (N,)
    scorer: EnsembleScorer
    default: Choice
    saved: frozenset[str]  # names of saved ensembles
    choices: Mapping[str, Choice] = field(default_factory=dict)  # of the recipe, then saved ones
    published: Mapping[str, Score] = field(default_factory=dict)  # by the title of the column

    @cached_property
    def positives(self) -> tuple[int, ...]:
        """(C,) images with each label."""
        return tuple(self.targets.sum(axis=0).tolist())

    @cached_property
    def patients(self) -> int:
        """How many there are."""
        return len(np.unique(self.patient))


def load_split(workspace: Workspace, recipe: str, split: str) -> LoadedSplit | None:
    """Read all finished predictions of a split; None if there are none.

    Raises InputError for a recipe that has not been run, DamagedError for a file that was changed.
    """
    # Imported here: pyarrow costs a fifth of the start-up.
    from jobs.loading import RecipeHoldings
    from jobs.picking import groups_of, known_choices, make_scorer
    from jobs.results import display_order

    holdings = RecipeHoldings(workspace, recipe)
    names = [name for name in holdings.members if holdings.prediction_set(name, split)]
    table = holdings.targets.get(split)
    if table is None or not names:
        return None
    loaded = LoadedSplit(
        split=split,
        labels=table.labels,
        order=tuple(table.labels.index(label) for label in display_order(table.labels)),
        groups=groups_of(holdings),
        targets=table.targets,
        patient=table.patient,
        scorer=make_scorer(holdings, names, split),
        default=next(iter(recipe_choices(holdings.recipe).values()), Choice({}, "none")),
        saved=frozenset(holdings.saved),
        choices=known_choices(holdings),
        published=_published_scores(holdings.recipe.published, split, table.labels),
    )
    # Worked out here, in the thread: 75,492 images take longer than a key may.
    _ = loaded.positives, loaded.patients
    return loaded


def score(loaded: LoadedSplit, pick: Pick) -> Score:
    """What a pick of at least one member scores."""
    weights = dict(pick.weights)
    return loaded.scorer.score(weights, pick.view_rule, pick.frontal_weight, pick.averaging)


def _published_scores(name: str | None, split: str, labels: Sequence[str]) -> dict[str, Score]:
    """The columns of a publication as it prints them; NaN for a label that it does not have."""
    if name is None or split not in PUBLISHED_SPLITS:
        return {}
    table = published(name)
    found = {}
    for place, column in enumerate(table.columns):
        cells = [table.cell(label, column) for label in labels]
        values = [np.nan if cell is None else float(getattr(cell, split)) for cell in cells]
        mean = float(getattr(table.mean.cells[place], split))
        found[column] = Score(np.array(values), mean, {})
    return found
