"""Choices of members by name: found, scored, saved."""

import re
from collections.abc import Sequence
from typing import Final, get_args

from jobs.choice import Choice, ensemble_entry, recipe_choices
from jobs.data.labels import Group
from jobs.errors import InputError
from jobs.loading import RecipeHoldings
from jobs.queue.journal import record
from jobs.recipe.schema import ViewRule
from jobs.scoring.align import align
from jobs.scoring.ensembles import EnsembleScorer, Score
from jobs.scoring.groups import label_groups
from jobs.scoring.views import StudyGroups
from jobs.workspace import Workspace

VIEW_RULES: Final[tuple[ViewRule, ...]] = get_args(ViewRule)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def known_choices(holdings: RecipeHoldings) -> dict[str, Choice]:
    """The recipe's ensembles, then the saved ones, by name."""
    found = recipe_choices(holdings.recipe)
    for name, saved in holdings.saved.items():
        found[name] = Choice(saved.members, _view_rule(saved.view_rule), saved.frontal_weight)
    return found


def choose(holdings: RecipeHoldings, members: Sequence[str], views: str | None) -> Choice:
    """A choice from texts such as `model3`, `model3=2`, or the name of an ensemble.

    InputError for a name that is no model, or a weight that is not positive.
    """
    known = known_choices(holdings)
    if len(members) == 1 and members[0] in known:
        chosen = known[members[0]]
        rule = chosen.view_rule if views is None else _view_rule(views)
        return Choice(chosen.weights, rule, chosen.frontal_weight)
    weights: dict[str, float] = {}
    for member in members:
        name, _, weight = member.partition("=")
        if name not in holdings.models:
            names = ", ".join((*holdings.models, *known))
            raise InputError(f"no model or ensemble is called {name!r}: known are {names}")
        if name in weights:
            raise InputError(f"member {name} is named twice")
        weights[name] = _weight(member, weight or "1")
    return Choice(weights, "none" if views is None else _view_rule(views))


def make_scorer(holdings: RecipeHoldings, models: Sequence[str], split: str) -> EnsembleScorer:
    """A scorer of these models on a split; InputError for one without predictions."""
    table = holdings.targets.get(split)
    if table is None or split == "train":
        raise InputError(f"no split is called {split!r}: known are val, dev, test")
    members = {}
    for model in models:
        found = holdings.predictions(model, split)
        if found is None:
            raise InputError(
                f"{model} has no predictions of {split} yet: `cxrtui queue add {model}` makes them"
            )
        members[model] = align(found, table, model)
    studies = StudyGroups(table.study, table.view)
    return EnsembleScorer(members, table.targets, studies, groups_of(holdings))


def groups_of(holdings: RecipeHoldings) -> tuple[Group, ...]:
    """Head, medium or tail of each label, by its prevalence in train."""
    train = holdings.targets["train"]
    return label_groups(train.targets.sum(axis=0), len(train))


def score_choice(holdings: RecipeHoldings, choice: Choice, split: str) -> Score:
    """What a choice scores on a split."""
    scorer = make_scorer(holdings, list(choice.weights), split)
    return scorer.score(choice.weights, choice.view_rule, choice.frontal_weight)


def save_choice(workspace: Workspace, holdings: RecipeHoldings, name: str, choice: Choice) -> None:
    """Keep a choice in the journal under a name that no model or ensemble of the recipe has."""
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name: letters, digits, dot, dash and underscore are")
    taken = {*holdings.models, *(one.name for one in holdings.recipe.ensembles)}
    if name in taken:
        raise InputError(f"{name!r} is a name of recipe {holdings.recipe.name}: take another")
    record(workspace, ensemble_entry(holdings.recipe.name, name, choice))


def _view_rule(text: str) -> ViewRule:
    for rule in VIEW_RULES:
        if rule == text:
            return rule
    raise InputError(f"no view rule is called {text!r}: known are {', '.join(VIEW_RULES)}")


def _weight(member: str, text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 0 < weight < float("inf"):
        raise InputError(f"{member!r}: a weight is a positive number, such as model3=2")
    return weight
