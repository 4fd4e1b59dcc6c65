"""What the Ensemble screen does in threads: loading a split, scoring a choice, saving."""

from collections.abc import Mapping
from dataclasses import dataclass

from db.recipes import ensembles_of
from jobs.data.labels import Group
from jobs.queue.journal import record
from jobs.recipe.schema import ViewRule
from jobs.scoring.ensembles import EnsembleScorer, Score
from jobs.scoring.groups import label_groups
from jobs.scoring.views import FRONTAL_WEIGHT, StudyGroups
from jobs.workspace import Workspace


@dataclass(frozen=True)
class Choice:
    """Which members, with which weights, under which view rule, on which split."""

    weights: tuple[tuple[str, float], ...]
    view_rule: ViewRule
    frontal_weight: float
    split: str

    def single(self, model: str) -> "Choice":
        """The same with one member only."""
        return Choice(((model, 1.0),), self.view_rule, self.frontal_weight, self.split)


@dataclass(frozen=True)
class Default:
    """What the recipe's first ensemble says; empty if it has none."""

    weights: Mapping[str, float]
    view_rule: ViewRule = "none"
    frontal_weight: float = FRONTAL_WEIGHT


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
    default: Default
    saved: frozenset[str]  # names of saved ensembles


def load_split(workspace: Workspace, recipe: str, split: str) -> LoadedSplit | None:
    """Read all finished predictions of a split; None if there are none.

    Raises InputError for a recipe that has not been run, DamagedError for a file that was changed.
    """
    from jobs.loading import RecipeHoldings  # pyarrow costs a fifth of the start-up
    from jobs.results import display_order
    from jobs.scoring.align import align

    holdings = RecipeHoldings(workspace, recipe)
    names = [name for name in holdings.models if holdings.prediction_set(name, split)]
    table = holdings.targets.get(split)
    if table is None or not names:
        return None
    members = {}
    for name in names:
        found = holdings.predictions(name, split)
        if found is not None:
            members[name] = align(found, table, name)
    train = holdings.targets.get("train")
    groups: tuple[Group, ...] = ()
    if train is not None and len(train):
        places = [train.labels.index(label) for label in table.labels]
        groups = label_groups(train.targets[:, places], len(train))
    default = Default({})
    if holdings.recipe.ensembles:
        first = holdings.recipe.ensembles[0]
        weights = first.weights or (1.0,) * len(first.members)
        default = Default(
            dict(zip(first.members, weights, strict=True)), first.view_rule, first.frontal_weight
        )
    with workspace.database.read() as connection:
        saved = frozenset(one.name for one in ensembles_of(connection, holdings.id))
    scorer = EnsembleScorer(
        members, table.targets, StudyGroups(table.study, table.view), groups or None
    )
    order = tuple(table.labels.index(label) for label in display_order(table.labels))
    positives = tuple(int(count) for count in table.targets.sum(axis=0))
    return LoadedSplit(
        split, table.labels, order, groups, positives, len(table), scorer, default, saved
    )


def score(loaded: LoadedSplit, choice: Choice) -> Score:
    """What a choice of at least one member scores."""
    return loaded.scorer.score(dict(choice.weights), choice.view_rule, choice.frontal_weight)


def save(workspace: Workspace, recipe: str, name: str, choice: Choice) -> None:
    """Save a choice under a name, in the journal and in the database."""
    record(
        workspace,
        {
            "kind": "ensemble",
            "recipe": recipe,
            "name": name,
            "view_rule": choice.view_rule,
            "frontal_weight": choice.frontal_weight,
            "members": dict(choice.weights),
        },
    )
