"""All that is wrong in a recipe at once, each with its line and field."""

import json
import re
import tomllib
from dataclasses import dataclass
from typing import Final

from jobs.data.labels import labels_of
from jobs.recipe.draft import Document, Draft, read_draft
from jobs.recipe.problem import Problem
from jobs.recipe.report import Report
from jobs.recipe.rules import check_rules
from jobs.recipe.schema import Recipe
from jobs.recipe.seeds import repeat_ensembles, repeat_models

_AT: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


@dataclass(frozen=True)
class Checked:
    """A recipe, or the problems why there is none."""

    recipe: Recipe | None
    problems: tuple[Problem, ...]


def check_recipe(text: str) -> Checked:
    """Read a recipe from its TOML `text`; nothing is raised, whatever the text is."""
    try:
        raw = tomllib.loads(text)
        json.dumps(raw, default=str)  # also refuses what nests too deeply
    except tomllib.TOMLDecodeError as error:
        return Checked(None, (_syntax_problem(text, str(error)),))
    except (RecursionError, ValueError) as error:
        return Checked(None, (Problem(1, "", f"no TOML: {error}"),))
    report = Report(text, raw)
    draft = read_draft(raw, report)
    check_rules(draft, report)
    if report.problems or draft.document is None:
        return Checked(None, tuple(report.problems))
    return Checked(_recipe(draft, draft.document), ())


def _syntax_problem(text: str, message: str) -> Problem:
    at = _AT.search(message)
    line = int(at[1]) if at and at[1] else max(1, len(text.splitlines()))
    column = f" at column {at[2]}" if at and at[2] else ""
    return Problem(line, "", f"no TOML: {_AT.sub('', message)}{column}")


def _recipe(draft: Draft, document: Document) -> Recipe:
    seeds = document.seeds or ()
    return Recipe(
        name=document.name,
        title=document.title,
        labels=document.labels or labels_of(document.data) or (),
        data=document.data,
        run=document.run,
        stages=tuple(draft.stages.values()),
        models=repeat_models((model.resolved() for model in draft.models.values()), seeds),
        seeds=seeds,
        ensembles=repeat_ensembles(draft.ensembles.values(), seeds),
        columns=tuple(draft.columns.values()),
        comparisons=tuple(draft.comparisons.values()),
        figure=document.figure,
        published=document.published,
    )
