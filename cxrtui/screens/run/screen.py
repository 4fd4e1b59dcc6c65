"""The Run screen: models on the left, curves and the log of the selected one on the right."""

from collections.abc import Callable
from typing import ClassVar, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static

from cxrtui.chart.lines import COLOURS
from cxrtui.lineages.overview import Overview
from cxrtui.screens.feed.feed import Interest
from cxrtui.screens.gpus.panel import GpuPanel
from cxrtui.screens.known import Known
from cxrtui.screens.run.charts import RunCharts
from cxrtui.screens.run.log_view import LogView
from cxrtui.screens.run.model_list import ModelList
from cxrtui.screens.status_line import StatusLine

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
    RunScreen #curves { height: 1fr; }
    RunScreen #log { height: 4; }
    RunScreen.-wide #log { height: 10; }
    RunScreen #log.-find { height: 40%; min-height: 8; }
    RunScreen.-log #curves, RunScreen.-log GpuPanel { display: none; }
    RunScreen.-log #log, RunScreen.-log #log.-find { height: 1fr; }
    RunScreen #hint { height: 1fr; padding: 1 3; display: none; }
    RunScreen.-empty #hint { display: block; }
    RunScreen.-empty #charts { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "overlay", "overlay"),
        Binding("s", "smooth", "smooth"),
        Binding("x", "axis", "x axis"),
        Binding("y", "log_y", "log y"),
        Binding("l", "log", "log"),
        Binding("slash", "find", "find", key_display="/"),
        Binding("plus,equals_sign", "zoom(1.5)", "zoom in", show=False),
        Binding("minus", "zoom(0.6666666666666667)", "zoom out", show=False),
        Binding("0", "zoom(0)", "show all", show=False),
        Binding("left_square_bracket,shift+left", "pan(-0.25)", "pan left", show=False),
        Binding("right_square_bracket,shift+right", "pan(0.25)", "pan right", show=False),
        Binding("left", "cursor(-1)", "cursor left", show=False),
        Binding("right", "cursor(1)", "cursor right", show=False),
        Binding("escape", "leave", "leave", show=False),
    ]

    def __init__(self, known: Known, want: Callable[[Interest], None]) -> None:
        super().__init__()
        self._known = known
        self._want = want
        self._overlays: list[str] = []
        self._colours: dict[str, str] = {}

    def compose(self) -> ComposeResult:
        """Status, models beside charts and log, keys."""
        yield StatusLine()
        with Horizontal():
            yield ModelList(id="models", classes="box")
            yield Static(Text(_FIRST_STEPS), id="hint")
            with Vertical(id="charts"):
                yield RunCharts(id="curves")
                yield GpuPanel(classes="box")
                yield LogView(id="log", classes="box")
        yield Footer(show_command_palette=False, compact=True)

    def on_mount(self) -> None:
        """Show what is known already."""
        self.query_one("#models").border_title = "Models"
        self.show_overview()
        self.show_log()

    def on_resize(self) -> None:
        """Fit the rows of the list, once the layout has its new widths."""
        self.call_after_refresh(self.show_overview)

    def show_overview(self) -> None:
        """Show models, jobs and status as they are known now."""
        self.query_one(StatusLine).show(self._known)
        self.query_one(GpuPanel).show(self._known.machine)
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
        colours = {name: self._colours[name] for name in shown}
        self.query_one(RunCharts).show(self._known.curves, overview, colours)
        model = overview.model(shown[-1])
        self.query_one(LogView).tell(f"{model.state} {model.reason}".strip())

    def show_log(self) -> None:
        """Show the end of the selected model's log."""
        if self._known.log is not None:
            self.query_one(LogView).show(self._known.log)

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
        self.query_one(RunCharts).next_smoothing()
        self.show_curves()

    def action_axis(self) -> None:
        """The x axis by something else."""
        self.query_one(RunCharts).next_axis()
        self.show_curves()

    def action_log_y(self) -> None:
        """The loss by its logarithm, or as it is."""
        self.query_one(RunCharts).toggle_log_y()

    def action_zoom(self, factor: float) -> None:
        """Show so many times less of the x axis; 0: all of it."""
        self.query_one(RunCharts).zoom(factor)

    def action_pan(self, share: float) -> None:
        """Move along the x axis by a share of what is shown."""
        self.query_one(RunCharts).pan(share)

    def action_cursor(self, cells: int) -> None:
        """Read the values of all lines at a cursor, and move it."""
        self.query_one(RunCharts).move_cursor(cells)

    def action_find(self) -> None:
        """Search in the log."""
        self.query_one(LogView).search()

    def action_leave(self) -> None:
        """End the search, else take the cursor away."""
        if self.query_one(LogView).is_searching:
            self.query_one(LogView).action_leave()
        else:
            self.query_one(RunCharts).hide_cursor()

    @on(LogView.Left)
    def focus_models(self) -> None:
        """Keys are for the models again."""
        self.query_one(ModelList).focus()

    def action_log(self) -> None:
        """Give the log the room of the charts, or give it back."""
        self.toggle_class("-log")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """While a search is typed, no key begins another."""
        return action != "find" or not self.query_one(LogView).is_searching

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
