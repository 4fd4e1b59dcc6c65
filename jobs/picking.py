"""Choices of members by name: found, scored, saved."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from jobs.choice import Choice, ensemble_entry, ensemble_key, recipe_choices
from jobs.data.labels import Group
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.loading import RecipeHoldings
from jobs.queue.journal import record
from jobs.recipe.problem import nearest
from jobs.recipe.schema import AVERAGINGS, VIEW_RULES, Averaging, ViewRule
from jobs.scoring.align import align
from jobs.scoring.ensembles import EnsembleScorer, Score
from jobs.scoring.groups import label_groups
from jobs.scoring.views import StudyGroups
from jobs.workspace import Workspace

_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def known_choices(holdings: RecipeHoldings) -> dict[str, Choice]:
    """The recipe's ensembles, then the saved ones, by name."""
    found = recipe_choices(holdings.recipe)
    for name, saved in holdings.saved.items():
        rule, averaging = _view_rule(saved.view_rule), _averaging(saved.averaging)
        found[name] = Choice(saved.members, rule, saved.frontal_weight, averaging)
    return found


def choose(
    holdings: RecipeHoldings,
    members: Sequence[str],
    views: str | None,
    averaging: str | None = None,
) -> Choice:
    """A choice from texts such as `model3`, `model3=2`, or the name of an ensemble.

    `views` and `averaging` replace what the ensemble has, else `none` and `probabilities`.
    InputError for a name that is no member, or a weight that is not positive.
    """
    known = known_choices(holdings)
    if len(members) == 1 and members[0] in known:
        chosen = known[members[0]]
    else:
        chosen = Choice(_weights(holdings, members, known), "none")
    if views is not None:
        chosen = replace(chosen, view_rule=_view_rule(views))
    if averaging is not None:
        chosen = replace(chosen, averaging=_averaging(averaging))
    return chosen


def make_scorer(holdings: RecipeHoldings, names: Sequence[str], split: str) -> EnsembleScorer:
    """A scorer of these members on a split; InputError for one without predictions."""
    table = split_targets(holdings, split)
    members = aligned_members(holdings, names, table)
    studies = StudyGroups(table.study, table.view)
    return EnsembleScorer(members, table.targets, studies, groups_of(holdings))


def aligned_members(
    holdings: RecipeHoldings, names: Iterable[str], table: ImageTable
) -> dict[str, NDArray[np.float32]]:
    """Probabilities (N, C) of each in the table's order; InputError for one without predictions."""
    split, members = table.split, {}
    for name in names:
        found = holdings.predictions(name, split)
        if found is None:
            imported = name in holdings.imports
            made = f"ensemble import {name} FILE" if imported else f"queue add {name}"
            raise InputError(
                f"{name} has no predictions of {split} yet: `cxrtui {made}` makes them"
            )
        members[name] = align(found, table, name, holdings.remedy(name))
    return members


def split_targets(holdings: RecipeHoldings, split: str) -> ImageTable:
    """The labels of a split that can be scored; InputError if there is no such split."""
    if split not in holdings.splits or split == "train":
        raise InputError(f"no split is called {split!r}: known are val, dev, test")
    return holdings.table(split)


def groups_of(holdings: RecipeHoldings) -> tuple[Group, ...]:
    """Head, medium or tail of each label, by its prevalence in train."""
    train = holdings.targets["train"]
    return label_groups(train.targets.sum(axis=0), len(train))


def score_choice(holdings: RecipeHoldings, choice: Choice, split: str) -> Score:
    """What a choice scores on a split."""
    scorer = make_scorer(holdings, list(choice.weights), split)
    return scorer.score(choice.weights, choice.view_rule, choice.frontal_weight, choice.averaging)


def save_choice(workspace: Workspace, holdings: RecipeHoldings, name: str, choice: Choice) -> None:
    """Keep a choice in the journal under a name that no member or ensemble of the recipe has."""
    check_name(holdings, name)
    keys = _member_keys(holdings, choice)
    record(workspace, ensemble_entry(holdings.recipe.name, name, choice, keys))


def choice_key(holdings: RecipeHoldings, choice: Choice) -> str:
    """The key of a choice, by what its members are now."""
    return ensemble_key(choice, _member_keys(holdings, choice))


def check_name(holdings: RecipeHoldings, name: str) -> None:
    """InputError for a text that is no name, or one of the recipe's or of an import."""
    if not _NAME.fullmatch(name):
        raise InputError(f"{name!r} is no name: letters, digits, dot, dash and underscore are")
    taken = {*holdings.models, *(one.name for one in holdings.recipe.ensembles)}
    if name in taken:
        raise InputError(f"{name!r} is a name of recipe {holdings.recipe.name}: take another")
    if name in holdings.imports:
        raise InputError(f"{name!r} is a name of imported predictions: take another")


def _member_keys(holdings: RecipeHoldings, choice: Choice) -> dict[str, str]:
    gone = choice.weights.keys() - holdings.models.keys() - holdings.imports.keys()
    if gone:
        raise InputError(f"member {min(gone)} is gone: it is no model of the recipe, and no import")
    return {member: holdings.member_key(member) for member in choice.weights}


def _weights(
    holdings: RecipeHoldings, members: Sequence[str], ensembles: Iterable[str]
) -> dict[str, float]:
    weights: dict[str, float] = {}
    for member in members:
        name, _, weight = member.partition("=")
        if name not in holdings.models and name not in holdings.imports:
            hint = nearest(name, (*holdings.models, *holdings.imports, *ensembles))
            raise InputError(f"no model or ensemble is called {name!r}{hint}")
        if name in weights:
            raise InputError(f"member {name} is named twice")
        weights[name] = _weight(member, weight or "1")
    return weights


def _view_rule(text: str) -> ViewRule:
    for rule in VIEW_RULES:
        if rule == text:
            return rule
    raise InputError(f"no view rule is called {text!r}: known are {', '.join(VIEW_RULES)}")


def _averaging(text: str) -> Averaging:
    for averaging in AVERAGINGS:
        if averaging == text:
            return averaging
    raise InputError(f"no averaging is called {text!r}: known are {', '.join(AVERAGINGS)}")


def _weight(member: str, text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        weight = -1.0
    if not 0 < weight < float("inf"):
        raise InputError(f"{member!r}: a weight is a positive number, such as model3=2")
    return weight
