"""What the Ensemble screen does in threads: loading a split, scoring a choice, saving."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from jobs.choice import Choice, recipe_choices
from jobs.data.labels import Group
from jobs.recipe.schema import Averaging, ViewRule
from jobs.scoring.ensembles import EnsembleScorer, Score
from jobs.workspace import Workspace


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


def load_split(workspace: Workspace, recipe: str, split: str) -> LoadedSplit | None:
    """Read all finished predictions of a split; None if there are none.

    Raises InputError for a recipe that has not been run, DamagedError for a file that was changed.
    """
    # Imported here: pyarrow costs a fifth of the start-up.
    from jobs.loading import RecipeHoldings
    from jobs.picking import groups_of, make_scorer
    from jobs.results import display_order

    holdings = RecipeHoldings(workspace, recipe)
    names = [name for name in holdings.members if holdings.prediction_set(name, split)]
    table = holdings.targets.get(split)
    if table is None or not names:
        return None
    return LoadedSplit(
        split=split,
        labels=table.labels,
        order=tuple(table.labels.index(label) for label in display_order(table.labels)),
        groups=groups_of(holdings),
        targets=table.targets,
        patient=table.patient,
        scorer=make_scorer(holdings, names, split),
        default=next(iter(recipe_choices(holdings.recipe).values()), Choice({}, "none")),
        saved=frozenset(holdings.saved),
    )


def score(loaded: LoadedSplit, pick: Pick) -> Score:
    """What a pick of at least one member scores."""
    weights = dict(pick.weights)
    return loaded.scorer.score(weights, pick.view_rule, pick.frontal_weight, pick.averaging)


def save(workspace: Workspace, recipe: str, name: str, pick: Pick) -> None:
    """Save a pick under a name, in the journal and in the database.

    Raises InputError for a name that is none, or that the recipe has already.
    """
    from jobs.loading import RecipeHoldings
    from jobs.picking import save_choice

    save_choice(workspace, RecipeHoldings(workspace, recipe), name, pick.choice)
