"""A split with all its predictions, read to be scored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from jobs.choice import Choice, recipe_choices
from jobs.loading import RecipeHoldings
from jobs.picking import groups_of, known_choices, make_scorer
from jobs.published import published
from jobs.results import display_order
from jobs.scoring.ensembles import EnsembleScorer, Score
from jobs.workspace import Workspace

PUBLISHED_SPLITS: Final = ("dev", "test")


@dataclass(frozen=True, eq=False)
class SplitPredictions:
    """The N images of a split, and a scorer of all members that have predicted it."""

    loaded: LoadedSplit
    targets: NDArray[np.bool_]  # (N, C)
    patient: NDArray[np.str_]  # (N,)
    scorer: EnsembleScorer

    def score(self, pick: Pick, go_on: Callable[[], None]) -> Score:
        """What a pick of at least one member scores; `go_on` may end it, see the scorer."""
        how = pick.view_rule, pick.frontal_weight, pick.averaging
        return self.scorer.score(dict(pick.weights), *how, go_on)

    def probabilities(self, pick: Pick, go_on: Callable[[], None]) -> NDArray[np.float32]:
        """What it gives each image (N, C)."""
        how = pick.view_rule, pick.frontal_weight, pick.averaging
        return self.scorer.probabilities(dict(pick.weights), *how, go_on)


def read_split(workspace: Workspace, recipe: str, split: str) -> SplitPredictions | None:
    """Read all finished predictions of a split; None if there are none.

    Raises InputError for a recipe that has not been run, DamagedError for a file that was changed.
    """
    holdings = RecipeHoldings(workspace, recipe)
    names = [name for name in holdings.members if holdings.prediction_set(name, split)]
    table = holdings.targets.get(split)
    if table is None or not names:
        return None
    loaded = LoadedSplit(
        split=split,
        members=tuple(sorted(names)),
        labels=table.labels,
        order=tuple(table.labels.index(label) for label in display_order(table.labels)),
        groups=groups_of(holdings),
        positives=tuple(table.targets.sum(axis=0).tolist()),
        images=len(table),
        patients=len(np.unique(table.patient)),
        default=next(iter(recipe_choices(holdings.recipe).values()), Choice({}, "none")),
        saved=frozenset(holdings.saved),
        choices=known_choices(holdings),
        published=_published_scores(holdings.recipe.published, split, table.labels),
    )
    scorer = make_scorer(holdings, names, split)
    return SplitPredictions(loaded, table.targets, table.patient, scorer)


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
