"""The charts of the Run screen: loss above mAP, over one x axis that is zoomed and pointed at."""

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from typing import Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from cxrtui.chart.lines import Line, shade
from cxrtui.chart.view import View
from cxrtui.chart.widget import Chart
from cxrtui.lineages.axis import AXES, Axis
from cxrtui.lineages.curves import TRAIN_LOSS, Curves
from cxrtui.lineages.overview import Overview
from cxrtui.screens.run.lines import Drawn, prepare, stitch
from cxrtui.show.plain import plain_line

SMOOTHINGS: Final = (0.0, 0.6, 0.9, 0.99)
_Title = list[str | tuple[str, str]]


class RunCharts(Vertical):
    """Axis, smoothing, scale, zoom and cursor are of both charts and stay when models change."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._axis: Axis = AXES[0]
        self._smoothing = 0
        self._log_y = False
        self._view = View()
        self._cursor: float | None = None
        self._drawn = Drawn()
        self._titles: tuple[_Title, _Title, str] | None = None

    def compose(self) -> ComposeResult:
        """One above the other."""
        yield Chart(id="loss", classes="box")
        yield Chart(id="map", classes="box")

    @property
    def axis(self) -> Axis:
        """What the x axis is."""
        return self._axis

    @property
    def settings(self) -> dict[str, str | int]:
        """What a person chose and wants to find again."""
        return {"axis": self._axis, "smoothing": self._smoothing, "log_y": self._log_y}

    def restore(self, settings: Mapping[str, object]) -> None:
        """Take over what was chosen, as far as that can still be; `show` has to follow."""
        axis, smoothing = settings.get("axis"), settings.get("smoothing")
        self._axis = next((one for one in AXES if one == axis), self._axis)
        if isinstance(smoothing, int) and 0 <= smoothing < len(SMOOTHINGS):
            self._smoothing = smoothing
        self._log_y = settings.get("log_y") is True

    @property
    def has_cursor(self) -> bool:
        """Whether values are read at a cursor."""
        return self._cursor is not None

    def prepare(self, curves: Curves, overview: Overview, names: Iterable[str]) -> Iterator[None]:
        """Stitch the curves that `show` draws, one at a time: then it has only to draw."""
        return prepare(curves, overview, names, self._axis, SMOOTHINGS[self._smoothing])

    def look_ahead(
        self, curves: Curves, overview: Overview, names: Iterable[str]
    ) -> Iterator[None]:
        """Smooth what is drawn in all strengths, one at a time: the next key may ask for them."""
        models = dict.fromkeys(model for name in names for model in overview.lineage(name))
        for smoothing, model in product(filter(None, SMOOTHINGS), models):
            curves.smooth_ahead(model, TRAIN_LOSS, smoothing)
            yield

    def show(self, curves: Curves, overview: Overview, colours: Mapping[str, str]) -> None:
        """Draw the lineages of some models, the last one's on top and with its marks."""
        drawn, end = stitch(curves, overview, colours, self._axis, SMOOTHINGS[self._smoothing])
        if drawn.axis != self._drawn.axis:  # what was zoomed to means something else now
            self._view, self._cursor = View(end), None
        elif drawn.worth != self._drawn.worth:  # seconds have become minutes
            self._scale(self._drawn.worth / drawn.worth)
        self._drawn, self._view = drawn, self._view.grown(end)
        self._draw()

    def next_axis(self) -> None:
        """Another x axis; `show` has to follow."""
        self._axis = AXES[(AXES.index(self._axis) + 1) % len(AXES)]

    def next_smoothing(self) -> None:
        """The next strength of smoothing of the train loss; `show` has to follow."""
        self._smoothing = (self._smoothing + 1) % len(SMOOTHINGS)

    def toggle_log_y(self) -> None:
        """The loss by its logarithm, or as it is."""
        self._log_y = not self._log_y
        self._draw()

    def zoom(self, factor: float) -> None:
        """Show so many times less, around the cursor or the middle; 0: show all."""
        low, high = self._view.range
        centre = (low + high) / 2 if self._cursor is None else self._cursor
        self._view = self._view.zoom(factor, centre) if factor else View(self._view.end)
        self._draw()

    def pan(self, share: float) -> None:
        """Move by a share of what is shown."""
        self._view = self._view.pan(share)
        self._draw()

    def move_cursor(self, cells: int) -> None:
        """Move the cursor; the first time it stands in the middle."""
        low, high = self._view.range
        if self._cursor is None or not low <= self._cursor <= high:
            self._cursor = (low + high) / 2
        else:
            step = cells * (self._cell or 0.0)
            self._cursor = min(max(self._cursor + step, 0.0), self._view.end)
            self._view = self._view.showing(self._cursor)
        self._draw()

    def hide_cursor(self) -> None:
        """Read no values any more."""
        self._cursor = None
        self._draw()

    @on(Chart.Pointed)
    def take_pointed(self, message: Chart.Pointed) -> None:
        """The mouse moves the cursor."""
        message.stop()
        self._cursor = message.x
        self._draw()

    @on(Chart.Zoomed)
    def take_zoomed(self, message: Chart.Zoomed) -> None:
        """The wheel was turned."""
        message.stop()
        self._view = self._view.zoom(message.factor, message.x)
        self._draw()

    @on(Chart.Panned)
    def take_panned(self, message: Chart.Panned) -> None:
        """The axis was dragged."""
        message.stop()
        self.pan(message.share)

    def _scale(self, by: float) -> None:
        """The same place on the axis in another unit."""
        zoomed = self._view.zoomed
        scaled = None if zoomed is None else (zoomed[0] * by, zoomed[1] * by)
        self._view = View(self._view.end * by, scaled)
        self._cursor = None if self._cursor is None else self._cursor * by

    @property
    def _cell(self) -> float | None:
        loss, score = self.query_one("#loss", Chart), self.query_one("#map", Chart)
        return loss.cell or score.cell

    def _draw(self) -> None:
        loss, score, drawn = (
            self.query_one("#loss", Chart),
            self.query_one("#map", Chart),
            self._drawn,
        )
        marks = list(drawn.marks)
        loss.show_lines(
            [*drawn.train, *drawn.val],
            marks,
            self._view.range,
            log_y=self._log_y,
            cursor=self._cursor,
        )
        score.show_lines(drawn.score, marks, self._view.range, cursor=self._cursor)
        if drawn.names:
            sample = f"{loss.glyphs.sample} "
            self._entitle(self._loss_title(sample), self._score_title(sample), self._where())

    def _entitle(self, loss: _Title, score: _Title, where: str) -> None:
        """A title is drawn with the whole of its chart, so only if one is new."""
        if (loss, score, where) != self._titles:
            self._titles = loss, score, where
            self.query_one("#loss", Chart).border_title = Content.assemble(*loss)
            below = self.query_one("#map", Chart)
            below.border_title = Content.assemble(*score)
            below.border_subtitle = Content(where)

    def _loss_title(self, sample: str) -> _Title:
        drawn = self._drawn
        title: _Title = ["Loss, log" if self._log_y else "Loss"]
        if self._cursor is None:
            colour = drawn.colours[-1]
            title += [(f"  {sample}", shade(colour)), "train", (f"  {sample}", colour), "val"]
        else:
            title.append("  train/val")
            for train, val in reversed(list(zip(drawn.train, drawn.val, strict=True))):
                title += [(f"  {sample}", val.colour), f"{self._read(train)}/{self._read(val)}"]
        smoothing = SMOOTHINGS[self._smoothing]
        return [*title, f"  EMA {smoothing:g}"] if smoothing else title

    def _score_title(self, sample: str) -> _Title:
        drawn, title = self._drawn, list[str | tuple[str, str]](["Val mAP"])
        for name, line in reversed(list(zip(drawn.names, drawn.score, strict=True))):
            value = "" if self._cursor is None else f" {self._read(line)}"
            title += [(f"  {sample}", line.colour), f"{plain_line(name)}{value}"]
        return title

    def _read(self, line: Line) -> str:
        value = line.value_at(self._cursor or 0.0, self._cell or 0.0)
        return "-" if value is None else f"{value:#.3g}"

    def _where(self) -> str:
        """The cursor's place, or what is shown of the axis, in its unit."""
        step = self._cell or 1.0
        if self._cursor is not None:
            return f"{_place(self._cursor, step)} {self._drawn.unit}"
        if self._view.zoomed is None:
            return self._drawn.unit
        ends = [_short(x, step) for x in (*self._view.range, self._view.end)]
        return f"{ends[0]} to {ends[1]} of {ends[2]} {self._drawn.unit}"


def _place(x: float, step: float) -> str:
    """A place on the x axis, as exact as a cell shows it."""
    return f"{x:,.{max(0, math.ceil(-math.log10(step)))}f}"


def _short(x: float, step: float) -> str:
    place = _place(x, step)
    return place.rstrip("0").rstrip(".") if "." in place else place
