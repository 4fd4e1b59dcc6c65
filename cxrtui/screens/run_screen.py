"""The Run screen: models on the left, curves and the log of the selected one on the right."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, Log, OptionList, Static

from cxrtui.chart.lines import COLOURS, Line, Mark, shade
from cxrtui.chart.widget import Chart
from cxrtui.lineages.curves import TRAIN_LOSS, VAL_LOSS, VAL_MAP
from cxrtui.lineages.overview import Overview
from cxrtui.screens.feed import Interest
from cxrtui.screens.known import Known
from cxrtui.screens.model_list import ModelList
from cxrtui.screens.status_line import StatusLine
from cxrtui.show.plain import plain

SMOOTHINGS: Final = (0.0, 0.6, 0.9, 0.99)
_FIRST_STEPS: Final = (
    "Nothing has been queued in this workspace yet.\n\n"
    "In another terminal:\n\n"
    "  cxrtui run-all             train everything\n"
    "  cxrtui queue add stage1    or begin with one stage\n"
    "  cxrtui data check          is the data folder right?\n"
)


class RunScreen(Screen[None]):
    """Which models train, how far they are, and how their loss and mAP move."""

    CSS = """
    RunScreen #models { width: 32; height: 1fr; }
    RunScreen.-wide #models { width: 44; }
    RunScreen #log { height: 6; overflow-x: hidden; scrollbar-size-vertical: 1; }
    RunScreen.-wide #log { height: 10; }
    RunScreen.-log Chart { display: none; }
    RunScreen.-log #log { height: 1fr; }
    RunScreen #hint { height: 1fr; padding: 1 3; display: none; }
    RunScreen.-empty #hint { display: block; }
    RunScreen.-empty #charts { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "overlay", "overlay"),
        Binding("s", "smooth", "smooth"),
        Binding("l", "log", "log"),
    ]

    def __init__(self, known: Known, want: Callable[[Interest], None]) -> None:
        super().__init__()
        self._known = known
        self._want = want
        self._overlays: list[str] = []
        self._colours: dict[str, str] = {}
        self._smoothing = 0

    def compose(self) -> ComposeResult:
        """Status, models beside charts and log, keys."""
        yield StatusLine()
        with Horizontal():
            yield ModelList(id="models", classes="box")
            yield Static(Text(_FIRST_STEPS), id="hint")
            with Vertical(id="charts"):
                yield Chart(id="loss", classes="box")
                yield Chart(id="map", classes="box")
                yield Log(id="log", classes="box", highlight=False)
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Show what is known already."""
        self.query_one("#models").border_title = "Models"
        self.query_one(Log).can_focus = False
        self.show_overview()
        self.show_log()

    def on_resize(self) -> None:
        """Fit the rows of the list, once the layout has its new widths."""
        self.call_after_refresh(self.show_overview)

    def show_overview(self) -> None:
        """Show models, jobs and status as they are known now."""
        self.query_one(StatusLine).show(self._known)
        overview = self._known.overview
        self.set_class(overview is not None and not overview.models, "-empty")
        self.show_curves()

    def show_curves(self) -> None:
        """Draw the curves of the selected model and its overlays from the points that are there."""
        overview = self._known.overview
        if overview is None:
            return
        shown = self._shown()
        self._show_models(overview)
        if not shown:
            return
        lineage = overview.lineage(shown[-1])
        starts = [sum(one.epochs for one in lineage[:place]) for place in range(len(lineage))]
        marks = [
            Mark(start, "stage", plain(model.stage))
            for start, model in zip(starts[1:], lineage[1:], strict=True)
        ]
        again = self._known.curves.curve(overview, shown[-1], TRAIN_LOSS).restarts
        marks += [Mark(epoch, "restart", "↻") for epoch in again]
        end = max(sum(one.epochs for one in overview.lineage(name)) for name in shown)
        loss = [*self._train_lines(overview, shown), *self._lines(overview, shown, VAL_LOSS)]
        score = self._lines(overview, shown, VAL_MAP)
        self.query_one("#loss", Chart).show_lines(loss, marks, (0.0, float(end)))
        self.query_one("#map", Chart).show_lines(score, marks, (0.0, float(end)))
        self._show_titles(shown)

    def show_log(self) -> None:
        """Show the end of the selected model's log."""
        log, view = self._known.log, self.query_one(Log)
        if log is None:
            return
        view.clear()
        view.write_lines(log.lines)
        title = (
            f"Log  {log.model} {log.attempt}" if log.attempt else f"Log  {log.model}: no attempt"
        )
        view.border_title = Content(plain(title)).markup

    @on(OptionList.OptionHighlighted, "#models")
    def select_model(self) -> None:
        """Another model is selected: its points and its log are wanted."""
        self._ask()
        self.show_curves()

    def action_overlay(self) -> None:
        """Keep the curves of the selected model while others are looked at, or let them go."""
        selected = self.query_one(ModelList).selected
        if selected is None:
            return
        if selected in self._overlays:
            self._overlays.remove(selected)
        elif len(self._overlays) < len(COLOURS) - 1:
            self._overlays.append(selected)
        else:
            self.notify(f"{len(COLOURS)} models are all that colours can tell apart")
        self._ask()
        self.show_curves()

    def action_smooth(self) -> None:
        """The next strength of smoothing of the train loss."""
        self._smoothing = (self._smoothing + 1) % len(SMOOTHINGS)
        self.show_curves()

    def action_log(self) -> None:
        """Give the log the room of the charts, or give it back."""
        self.toggle_class("-log")

    def _ask(self) -> None:
        selected = self.query_one(ModelList).selected
        if selected is not None:
            self._want(Interest((*self._overlays, selected), selected))

    def _shown(self) -> list[str]:
        """Names of the models whose curves are drawn, the selected one last; gives out colours."""
        selected = self.query_one(ModelList).selected
        if selected is None:
            return []
        names = [name for name in self._overlays if name != selected] + [selected]
        self._colours = {name: self._colours[name] for name in names if name in self._colours}
        for name in names:
            free = (colour for colour in COLOURS if colour not in self._colours.values())
            self._colours.setdefault(name, next(free))
        return names

    def _show_models(self, overview: Overview) -> None:
        curves = self._known.curves
        best = {model.name: curves.best(model.trainings) for model in overview.models}
        self.query_one(ModelList).show(overview, best, self._colours)

    def _train_lines(self, overview: Overview, shown: list[str]) -> list[Line]:
        """Darker and below the others: single steps scatter."""
        lines = self._lines(overview, shown, TRAIN_LOSS, SMOOTHINGS[self._smoothing])
        return [replace(line, colour=shade(line.colour)) for line in lines]

    def _lines(
        self,
        overview: Overview,
        shown: list[str],
        series: tuple[str, str],
        smoothing: float = 0.0,
    ) -> list[Line]:
        curves = {
            name: self._known.curves.curve(overview, name, series, smoothing) for name in shown
        }
        return [
            Line(f"{name} {series[0]}", curve.epoch, curve.value, self._colours[name])
            for name, curve in curves.items()
        ]

    def _show_titles(self, shown: list[str]) -> None:
        smoothing = SMOOTHINGS[self._smoothing]
        names: list[str | tuple[str, str]] = []
        for name in shown:
            names += [("━ ", self._colours[name]), f"{plain(name)}  "]
        colour = self._colours[shown[-1]]
        kinds: list[str | tuple[str, str]] = [
            ("━ ", shade(colour)),
            "train  ",
            ("━ ", colour),
            "val",
        ]
        ema = f"  EMA {smoothing:g}" if smoothing else ""
        loss, score = self.query_one("#loss"), self.query_one("#map")
        loss.border_title = Content.assemble("Loss  ", *kinds, ema).markup
        score.border_title = Content.assemble("Val mAP  ", *names).markup
        score.border_subtitle = "epochs"
        self._show_reason(shown[-1])

    def _show_reason(self, name: str) -> None:
        overview, view = self._known.overview, self.query_one(Log)
        model = None if overview is None else overview.model(name)
        reason = "" if model is None else f"{model.state} {model.reason}".strip()
        view.border_subtitle = Content(plain(reason.replace("\n", " "))).markup
