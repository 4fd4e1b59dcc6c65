"""How quickly a chart of many points is drawn again, beside other libraries in the same run."""

import asyncio
import importlib
import importlib.util
import time
from collections.abc import Callable
from itertools import count
from typing import Any, Final

import numpy as np
from instants import percentiles
from numpy.typing import NDArray
from textual.app import App, ComposeResult
from textual.widget import Widget

from cxrtui.chart.colours import COLOURS
from cxrtui.chart.lines import Line
from cxrtui.chart.widget import Chart
from cxrtui.lineages.axis import AXES, Axis
from cxrtui.lineages.curves import TRAIN_LOSS, Curves
from cxrtui.lineages.growing import Points
from cxrtui.lineages.overview import AttemptView, ModelView, Overview

SERIES: Final = 8
POINTS: Final = 100_000
WIDTH, HEIGHT = 120, 40
REPEATS: Final = 40
_EPOCHS: Final = 30
_ENOUGH: Final = 5.0  # seconds that a slow library may take
Floats = NDArray[np.float64]
Action = Callable[[], object]


def measure() -> dict[str, Any]:
    """Milliseconds of one redraw: of all points, and after one more point of each series."""
    return {
        "series": SERIES,
        "points_of_each": POINTS,
        "cells": f"{WIDTH}x{HEIGHT}",
        "ours": _drawn(Chart(), _all_anew),
        "ours_from_one_more_point_of_each": {
            f"{axis}, EMA {weight:g}": _drawn(Chart(), _one_more(axis, weight))
            for axis in AXES
            for weight in (0.0, 0.9)
        },
        "plotext": _beside("plotext", _plotext),
        "textual_plot": _beside("textual_plot", _textual_plot),
    }


class _Stage(App[None]):
    """Nothing but one widget."""

    def __init__(self, widget: Widget) -> None:
        super().__init__()
        self._widget = widget

    def compose(self) -> ComposeResult:
        yield self._widget


def _drawn(widget: Widget, action: Callable[[Any], Action]) -> dict[str, Any]:
    """Milliseconds of an action on a widget that has the whole screen."""

    async def drive() -> dict[str, Any]:
        app = _Stage(widget)
        async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
            await pilot.pause()
            return dict(percentiles(_times(action(widget))))

    return asyncio.run(drive())


def _beside(name: str, measured: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The same by a library that only this wants; null and the reason where it is missing."""
    if importlib.util.find_spec(name) is None:
        return {"median": None, "reason": f"pip install {name.replace('_', '-')}"}
    return measured()


def _all_anew(chart: Chart) -> Action:
    x = np.arange(POINTS, dtype=np.float64)
    values = _values()

    def draw() -> None:
        lines = [_line(number, x[:], y) for number, y in enumerate(values)]  # new to the chart
        chart.show_lines(lines, [], (0.0, float(POINTS)))
        _rows(chart)

    return draw


def _one_more(axis: Axis, weight: float) -> Callable[[Chart], Action]:
    """From points that arrive to the rows of the screen: all that lies between them."""

    def action(chart: Chart) -> Action:
        curves, overview = Curves(), Overview("", tuple(map(_model, range(SERIES))), (), (), False)
        for number, values in enumerate(_values()):
            curves.add((number, *TRAIN_LOSS), _points(np.arange(POINTS), values))
        steps = count(POINTS)

        def draw() -> None:
            step = np.array([next(steps)])
            for number in range(SERIES):
                curves.add((number, *TRAIN_LOSS), _points(step, np.array([0.3])))
            found = [
                curves.stitched(overview, model.name, TRAIN_LOSS, axis, weight)
                for model in overview.models
            ]
            lines = [_line(number, one.x, one.value) for number, one in enumerate(found)]
            chart.show_lines(lines, [], (0.0, max(one.end for one in found)))
            _rows(chart)

        return draw

    return action


def _plotext() -> dict[str, Any]:
    plot: Any = importlib.import_module("plotext")
    x, series = list(range(POINTS)), [values.tolist() for values in _values()]

    def draw() -> None:
        figure = plot.figure
        figure.clear()
        figure.plot_size(WIDTH, HEIGHT)
        for values in series:
            figure.draw(figure.signal(x, values, marker="braille"))
        figure.build()

    return dict(percentiles(_times(draw)))


def _textual_plot() -> dict[str, Any]:
    library: Any = importlib.import_module("textual_plot")
    x, series = np.arange(POINTS), _values()

    def action(widget: Any) -> Action:
        canvas = widget.query_one("#plot")

        def draw() -> None:
            widget.clear()
            for values in series:
                widget.plot(x, values, hires_mode=library.HiResMode.BRAILLE)
            widget.render()
            _rows(canvas)

        return draw

    return _drawn(library.PlotWidget(), action)


def _rows(widget: Widget) -> None:
    for row in range(HEIGHT):
        widget.render_line(row)


def _times(draw: Action) -> list[float]:
    """Milliseconds of each of some draws; the first one counts only where there is no other."""
    taken: list[float] = []
    while len(taken) <= REPEATS and sum(taken) < 1000 * _ENOUGH:
        start = time.perf_counter()
        draw()
        taken.append(1000 * (time.perf_counter() - start))
    return taken[1:] or taken


def _values() -> list[Floats]:
    steps, noise = np.arange(POINTS), np.random.default_rng(0)
    return [
        0.2 + 0.4 * np.exp(-steps / (POINTS / (3 + number))) + noise.normal(0, 0.02, POINTS)
        for number in range(SERIES)
    ]


def _line(number: int, x: Floats, y: Floats) -> Line:
    return Line(str(number), x, y, COLOURS[number % len(COLOURS)])


def _points(step: NDArray[np.int64], values: Floats) -> Points:
    return Points(step, step * (_EPOCHS / (2 * POINTS)), values, step * 0.1)


def _model(number: int) -> ModelView:
    attempt = AttemptView(number, 1, 0.0, "running", "")
    return ModelView(
        name=f"model{number}",
        stage="stage1",
        parent=None,
        optional=False,
        image_size=224,
        batch_size=128,
        epochs=_EPOCHS,
        state="running",
        kind="train",
        reason="",
        step=POINTS,
        steps=2 * POINTS,
        trainings=(attempt,),
        predicted=(),
    )
