"""What the Ensemble screen does in threads: loading a split, scoring a choice, saving."""

from dataclasses import dataclass

from jobs.choice import Choice, recipe_choices
from jobs.data.labels import Group
from jobs.recipe.schema import ViewRule
from jobs.scoring.ensembles import EnsembleScorer, Score
from jobs.workspace import Workspace


@dataclass(frozen=True)
class Pick:
    """Which members, with which weights, under which view rule, on which split."""

    weights: tuple[tuple[str, float], ...]
    view_rule: ViewRule
    frontal_weight: float
    split: str

    def single(self, model: str) -> "Pick":
        """The same with one member only."""
        return Pick(((model, 1.0),), self.view_rule, self.frontal_weight, self.split)


@dataclass(frozen=True, eq=False)
class LoadedSplit:
    """A split with labels (C,), and a scorer of all models that have predicted it."""

    split: str
    labels: tuple[str, ...]
    order: tuple[int, ...]  # (C,) places of the labels in the order of display
    groups: tuple[Group, ...]  # (C,) or empty where the training labels are unknown
    positives: tuple[int, ...]  # (C,)
    images: int
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
    names = [name for name in holdings.models if holdings.prediction_set(name, split)]
    table = holdings.targets.get(split)
    if table is None or not names:
        return None
    return LoadedSplit(
        split=split,
        labels=table.labels,
        order=tuple(table.labels.index(label) for label in display_order(table.labels)),
        groups=groups_of(holdings),
        positives=tuple(int(count) for count in table.targets.sum(axis=0)),
        images=len(table),
        scorer=make_scorer(holdings, names, split),
        default=next(iter(recipe_choices(holdings.recipe).values()), Choice({}, "none")),
        saved=frozenset(holdings.saved),
    )


def score(loaded: LoadedSplit, choice: Pick) -> Score:
    """What a choice of at least one member scores."""
    return loaded.scorer.score(dict(choice.weights), choice.view_rule, choice.frontal_weight)


def save(workspace: Workspace, recipe: str, name: str, pick: Pick) -> None:
    """Save a choice under a name, in the journal and in the database.

    Raises InputError for a name that is none, or that the recipe has already.
    """
    from jobs.loading import RecipeHoldings
    from jobs.picking import save_choice

    chosen = Choice(dict(pick.weights), pick.view_rule, pick.frontal_weight)
    save_choice(workspace, RecipeHoldings(workspace, recipe), name, chosen)
