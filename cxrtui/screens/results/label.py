"""One label's AP over the epochs, from the points that the epochs left in the database."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy import Connection

from cxrtui.chart.lines import COLOURS, Line, Mark
from cxrtui.lineages.curves import Curves, as_points
from cxrtui.lineages.overview import Overview, read_overview
from cxrtui.show.plain import plain_line
from db.points import points_after
from jobs.recipe.schema import Recipe

_SIGNS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class ModelSign:
    """How the lines of a model are told apart; all repeats of a model have one sign."""

    model: str  # its name in the recipe's file
    sign: str
    colour: str


@dataclass(frozen=True, eq=False)
class LabelCurves:
    """A line a model along its lineage, in the order of the signs."""

    label: str
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]
    end: float  # epochs

    @property
    def has_points(self) -> bool:
        """Whether any epoch has an AP of the label."""
        return any(line.y.size for line in self.lines)


def model_signs(recipe: Recipe, members: Iterable[Sequence[str]]) -> dict[str, ModelSign]:
    """A sign for each model of these columns, by the names of its repeats."""
    bases = {model.name: model.base for model in recipe.models}
    names = list(dict.fromkeys(name for models in members for name in models))
    order = list(dict.fromkeys(bases[name] for name in names))
    signs = {
        base: ModelSign(base, _SIGNS[place % len(_SIGNS)], COLOURS[place % len(COLOURS)])
        for place, base in enumerate(order)
    }
    return {name: signs[bases[name]] for name in names}


def read_label(
    connection: Connection, recipe: str, signs: Mapping[str, ModelSign], label: str
) -> LabelCurves:
    """AP on validation after each epoch; an epoch in which it is undefined has no point."""
    overview = read_overview(connection, recipe)
    known = {model.name for model in overview.models}
    shown = [name for name in signs if name in known]
    curves, series = Curves(), ("val", f"ap/{label}")
    for model in {one.name: one for name in shown for one in overview.lineage(name)}.values():
        for attempt in model.trainings:
            rows = points_after(connection, attempt.id, *series)
            defined = [row for row in rows if row[2] is not None]
            curves.add((attempt.id, *series), as_points(defined))
    lines = []
    for name in shown:
        curve = curves.curve(overview, name, series)
        finite = np.isfinite(curve.value)
        one = signs[name]
        lines.append(Line(name, curve.epoch[finite], curve.value[finite], one.colour, one.sign))
    ends = [sum(one.epochs for one in overview.lineage(name)) for name in shown]
    return LabelCurves(
        label, tuple(lines), _stage_starts(overview, shown), float(max(ends, default=1))
    )


def _stage_starts(overview: Overview, names: Iterable[str]) -> tuple[Mark, ...]:
    starts: dict[float, str] = {}
    for name in names:
        begin = 0.0
        for model in overview.lineage(name):
            if begin:
                starts.setdefault(begin, model.stage)
            begin += model.epochs
    return tuple(Mark(begin, "stage", plain_line(stage)) for begin, stage in sorted(starts.items()))
