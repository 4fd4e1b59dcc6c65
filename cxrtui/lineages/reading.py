"""The lineages that a person names, read from the database with all of their points."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from cxrtui.lineages.curves import Curves, as_points
from cxrtui.lineages.lineage import SERIES, Lineage, Phase, Repeat
from cxrtui.lineages.overview import ModelView, read_overview
from db.points import points_after
from jobs.errors import InputError
from jobs.recipe.problem import nearest
from jobs.recipe.schema import Recipe
from jobs.recipe.seeds import repeats

MOST: Final = 6  # lineages that colours and signs tell apart


@dataclass(frozen=True)
class Waiting:
    """A named model whose own curve is not there yet."""

    model: str
    state: str  # of its job; "" without any
    reason: str

    @property
    def words(self) -> str:
        """What a person is told, with what to do where something can be done."""
        if not self.state:
            return f"{self.model} has not been trained: `cxrtui queue add {self.model}`"
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.model} is {self.state}{reason}, and no epoch is done yet"


@dataclass(frozen=True, eq=False)
class FoundLineages:
    """What there is to draw, and which of the named models have no curve of their own yet."""

    lineages: tuple[Lineage, ...]
    waiting: tuple[Waiting, ...]


def chosen_lineages(recipe: Recipe, names: Sequence[str]) -> tuple[str, ...]:
    """The named models, each once, or else those of the recipe's figure.

    InputError for an unknown one, for too many, and where none is named anywhere.
    """
    if not names and recipe.figure is None:
        example = recipe.models[-1].base
        raise InputError(
            f"recipe {recipe.name} has no [figure]: name models (`cxrtui curves {example}`), "
            f'or give the recipe one: [figure] lineages = ["{example}"]'
        )
    chosen = names or (recipe.figure.lineages if recipe.figure else ())
    bases = {model.base for model in recipe.models}
    known = bases | {model.name for model in recipe.models}
    for name in chosen:
        if name not in known:
            hint = nearest(name, sorted(bases))
            raise InputError(f"recipe {recipe.name} has no model '{name}'{hint}")
    chosen = tuple(dict.fromkeys(chosen))
    if len(chosen) > MOST:
        raise InputError(f"found {len(chosen)} lineages; at most {MOST} can be told apart")
    return chosen


def read_lineages(connection: Connection, recipe: Recipe, names: Iterable[str]) -> FoundLineages:
    """The lineages of models by their names, a base name standing for all of its repeats."""
    overview = read_overview(connection, recipe.name)
    known = {model.name: model for model in overview.models}
    bases = {model.name: model.base for model in recipe.models}
    wanted = {name: repeats(recipe, name) for name in names}
    there = [model for models in wanted.values() for model in models if model in known]
    curves = _read_curves(connection, {one for name in there for one in overview.lineage(name)})
    lineages, waiting = [], []
    for name, models in wanted.items():
        drawn = [
            Repeat(model, {key: curves.curve(overview, model, SERIES[key]) for key in SERIES})
            for model in models
            if model in known
        ]
        drawn = [repeat for repeat in drawn if repeat.has_points]
        if drawn:
            phases = _phases(overview.lineage(drawn[0].model), bases)
            lineages.append(Lineage(name, phases, tuple(drawn)))
        waiting += _waiting(name, models, known, curves)
    return FoundLineages(tuple(lineages), tuple(waiting))


def _read_curves(connection: Connection, models: Iterable[ModelView]) -> Curves:
    curves = Curves()
    for attempt in (attempt for model in models for attempt in model.trainings):
        for series in SERIES.values():
            key = (attempt.id, *series)
            curves.add(key, as_points(points_after(connection, *key)))
    return curves


def _phases(line: Iterable[ModelView], bases: Mapping[str, str]) -> tuple[Phase, ...]:
    begin, phases = 0, []
    for model in line:
        phases.append(
            Phase(
                model=bases.get(model.name, model.name),
                stage=model.stage,
                begin=begin,
                epochs=model.epochs,
                image_size=model.image_size,
                batch_size=model.batch_size,
                oversampling_threshold=model.oversampling_threshold,
            )
        )
        begin += model.epochs
    return tuple(phases)


def _waiting(
    name: str, models: Sequence[str], known: Mapping[str, ModelView], curves: Curves
) -> list[Waiting]:
    """The models without points of their own; where nobody has asked for any, their one name."""
    found = [
        Waiting(model, known[model].state, known[model].reason)
        if model in known
        else Waiting(model, "", "")
        for model in models
        if model not in known or not curves.has_any(known[model].trainings)
    ]
    if len(found) == len(models) and not any(waiting.state for waiting in found):
        return [Waiting(name, "", "")]
    return found
