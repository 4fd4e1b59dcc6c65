"""The lines and marks of some models' lineages, as the Run screen's charts draw them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from cxrtui.chart.lines import Line, Mark, shade
from cxrtui.lineages.axis import Axis, unit
from cxrtui.lineages.curves import TRAIN_LOSS, VAL_LOSS, VAL_MAP, Curves
from cxrtui.lineages.growing import Floats
from cxrtui.lineages.overview import Overview
from cxrtui.show.plain import plain_line


@dataclass(frozen=True, eq=False)
class Drawn:
    """What both charts show: of each model its lines, the selected model last."""

    names: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    train: tuple[Line, ...] = ()
    val: tuple[Line, ...] = ()
    score: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()
    axis: Axis | None = None
    unit: str = ""  # of the x axis
    worth: float = 1.0  # how much of the axis one of its numbers is


def stitch(
    curves: Curves, overview: Overview, colours: Mapping[str, str], axis: Axis, smoothing: float
) -> tuple[Drawn, float]:
    """What is drawn of the models that have colours, and where the x axis ends."""
    names = tuple(colours)
    train = [curves.stitched(overview, name, TRAIN_LOSS, axis, smoothing) for name in names]
    end = max(line.end for line in train)
    title, worth = unit(axis, end)

    def lines(series: tuple[str, str]) -> tuple[Line, ...]:
        found = [curves.stitched(overview, name, series, axis) for name in names]
        return tuple(
            Line(f"{name} {series[0]}", _scaled(line.x, worth), line.value, colours[name])
            for name, line in zip(names, found, strict=True)
        )

    drawn = Drawn(
        names,
        tuple(colours.values()),
        tuple(
            Line(f"{name} train", _scaled(line.x, worth), line.value, shade(colours[name]))
            for name, line in zip(names, train, strict=True)
        ),
        lines(VAL_LOSS),
        lines(VAL_MAP),
        _marks(overview, names[-1], train[-1].begins, train[-1].restarts, worth),
        axis,
        title,
        worth,
    )
    return drawn, end / worth or 1.0


def prepare(
    curves: Curves, overview: Overview, names: Iterable[str], axis: Axis, smoothing: float
) -> Iterator[None]:
    """Ask for what `stitch` draws, one curve at a time; `curves` keeps them."""
    for name in names:
        for series in (TRAIN_LOSS, VAL_LOSS, VAL_MAP):
            weight = smoothing if series == TRAIN_LOSS else 0.0
            curves.stitched(overview, name, series, axis, weight)
            yield


def _scaled(x: Floats, worth: float) -> Floats:
    return x if worth == 1.0 else x / worth


def _marks(
    overview: Overview,
    name: str,
    begins: Sequence[float],
    restarts: Sequence[float],
    worth: float,
) -> tuple[Mark, ...]:
    stages = zip(begins[1:], overview.lineage(name)[1:], strict=True)
    return (
        *(Mark(start / worth, "stage", plain_line(model.stage)) for start, model in stages),
        *(Mark(place / worth, "restart", "↻") for place in restarts),
    )
