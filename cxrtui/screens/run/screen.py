"""The Run screen: models on the left, curves and the log of the selected one on the right."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.screen import Screen
from textual.widgets import Static

from cxrtui.chart.lines import COLOURS
from cxrtui.lineages.overview import Overview
from cxrtui.screens.away.file import Setting
from cxrtui.screens.feed.feed import Interest
from cxrtui.screens.first_steps import first_steps
from cxrtui.screens.gpus.panel import GpuPanel
from cxrtui.screens.keys_first import Turns
from cxrtui.screens.known import Known
from cxrtui.screens.look.keys import KeyLine
from cxrtui.screens.run.charts import RunCharts
from cxrtui.screens.run.keys import RUN_KEYS
from cxrtui.screens.run.log_view import LogView
from cxrtui.screens.run.model_line import ModelLine
from cxrtui.screens.run.model_list import ModelList
from cxrtui.screens.status_line import StatusLine

_WIDTHS: Final = [(0, "-slim"), (70, "-narrow"), (110, "-wide")]
_HEIGHTS: Final = [(0, "-flat"), (20, "-low"), (32, "-high")]


class RunScreen(Screen[None]):
    """Which models train, how far they are, and how their loss and mAP move.

    On a low screen the charts have the room: the GPUs take one line, and the log has one.
    """

    HORIZONTAL_BREAKPOINTS = _WIDTHS
    VERTICAL_BREAKPOINTS = _HEIGHTS
    CSS = """
    RunScreen #models { width: 24; height: 1fr; }
    RunScreen.-narrow #models { width: 32; }
    RunScreen.-wide #models { width: 48; }
    RunScreen #curves { height: 1fr; }
    RunScreen #log { height: 3; }
    RunScreen.-high #log { height: 6; }
    RunScreen.-high.-wide #log { height: 8; }
    RunScreen.-flat #log, RunScreen.-flat GpuPanel { display: none; }
    RunScreen.-low GpuPanel { height: 1; border: none; padding: 0 1; }
    RunScreen #log.-find { height: 40%; min-height: 8; display: block; }
    RunScreen.-log #curves, RunScreen.-log GpuPanel { display: none; }
    RunScreen.-log #log, RunScreen.-log #log.-find { height: 1fr; display: block; }
    RunScreen #hint { height: 1fr; padding: 1 3; display: none; }
    RunScreen.-empty #hint { display: block; }
    RunScreen.-empty #charts { display: none; }
    """
    BINDINGS = RUN_KEYS

    def __init__(self, known: Known, want: Callable[[Interest], None]) -> None:
        super().__init__()
        self._known = known
        self._want = want
        self._overlays: list[str] = []
        self._colours: dict[str, str] = {}
        self._best: dict[str, float | None] = {}
        self._attempt: int | None = None  # whose log is wanted; None: the newest
        self._wanted: str | None = None  # the model to select once it is listed
        self._turns = Turns(known.keys)
        self._is_due = False  # whether what has arrived is to be drawn

    def compose(self) -> ComposeResult:
        """Status, models beside charts and log, keys."""
        yield StatusLine()
        with Horizontal():
            yield ModelList(id="models", classes="box")
            yield Static(id="hint", markup=False)
            with Vertical(id="charts"):
                yield ModelLine(id="model")
                yield RunCharts(id="curves")
                yield GpuPanel(classes="box")
                yield LogView(id="log", classes="box")
        yield KeyLine("run")

    def on_mount(self) -> None:
        """Follow the highlighted model."""
        models = self.query_one(ModelList)
        models.border_title = "Models"
        # At once: by a message, the list would be painted first, and the curves a frame later.
        self.watch(models, "highlighted", self.select_model, init=False)

    def on_screen_resume(self) -> None:
        """Show what is known, also what arrived while another screen was looked at."""
        self.show_overview()
        self._draw()
        self._select_wanted()
        self.show_log()

    @property
    def settings(self) -> dict[str, Setting]:
        """What a person chose and wants to find again."""
        chosen = self._wanted or self.query_one(ModelList).selected
        return {
            **self.query_one(RunCharts).settings,
            **({"model": chosen} if chosen is not None else {}),
            "overlays": " ".join(self._overlays),
            "large_log": self.has_class("-log"),
        }

    def restore(self, settings: Mapping[str, Setting]) -> None:
        """Take over what was chosen, as far as that can still be."""
        self.query_one(RunCharts).restore(settings)
        self._overlays = str(settings.get("overlays", "")).split()[: len(COLOURS) - 1]
        self.set_class(settings.get("large_log") is True, "-log")
        self.select(str(settings.get("model", "")))

    def select(self, name: str) -> None:
        """Select the model of that name, now or once the models are listed."""
        self._wanted = name or None
        self._select_wanted()

    def show_overview(self) -> None:
        """Show models, jobs and status as they are known now."""
        self.query_one(StatusLine).show(self._known)
        self.show_machine()
        overview = self._known.overview
        self.set_class(overview is not None and not overview.models, "-empty")
        if overview is not None and not overview.models:
            self.query_one("#hint", Static).update(Text(first_steps(self._known)))
        if overview is not None:
            known = {model.name for model in overview.models}
            self._overlays = [name for name in self._overlays if name in known]
        self.show_curves()

    def show_machine(self) -> None:
        """Show how the machine is, and how fast the selected model goes."""
        for panel in self.query(GpuPanel):
            panel.show(self._known.machine)
        self._show_line()

    def show_curves(self) -> None:
        """Points have arrived, or states are others: draw when nobody waits for a key."""
        overview = self._known.overview
        if overview is not None and not self._is_due:
            self._is_due = True
            # Not in the screen's own turn, in which it takes keys.
            self.run_worker(self._draw_by_turns(overview), group="curves", description="curves")

    async def _draw_by_turns(self, overview: Overview) -> None:
        """One curve after the other; a key that comes meanwhile draws by itself."""
        known = {model.name for model in overview.models}
        with suppress(NoMatches):  # the screen may go meanwhile
            try:
                names = [name for name in self._shown() if name in known]
                charts = self.query_one(RunCharts)
                for _ in charts.prepare(self._known.curves, overview, names):
                    await self._turns.give_way_in_loop()
            finally:
                self._is_due = False
            self._draw()
            self._select_wanted()
            for _ in charts.look_ahead(self._known.curves, overview, names):
                await self._turns.give_way_in_loop()

    def show_log(self) -> None:
        """Show the end of the selected model's log."""
        if self._known.log is not None:
            self.query_one(LogView).show(self._known.log)

    def select_model(self, highlighted: int | None) -> None:
        """Another model is selected: its points and its log are wanted."""
        if highlighted is not None:
            self._ask()
            self._draw()

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
        self._draw()

    def action_smooth(self) -> None:
        """The next strength of smoothing of the train loss."""
        self.query_one(RunCharts).next_smoothing()
        self._draw()

    def action_axis(self) -> None:
        """The x axis by something else."""
        self.query_one(RunCharts).next_axis()
        self._draw()

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

    def action_attempt(self) -> None:
        """Show the log of the attempt before; after the first one that of the newest."""
        overview, selected = self._known.overview, self.query_one(ModelList).selected
        if overview is None or selected is None:
            return
        attempts = [one.id for one in overview.model(selected).attempts]
        if attempts:
            place = attempts.index(self._attempt) if self._attempt in attempts else 0
            self._attempt = (*attempts[1:], None)[place]
            self._ask()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool:
        """While a search is typed, no key begins another."""
        return action != "find" or not self.query_one(LogView).is_searching

    def _ask(self) -> None:
        selected = self.query_one(ModelList).selected
        if selected is not None:
            self._want(Interest((*self._overlays, selected), selected, self._attempt))

    def _shown(self) -> list[str]:
        """Names of the models whose curves are drawn, the selected one last; gives out colours."""
        selected = self.query_one(ModelList).selected
        if selected is None:
            return []
        names = [name for name in self._overlays if name != selected] + [selected]
        self._colours = {name: self._colours[name] for name in names if name in self._colours}
        free = [colour for colour in COLOURS if colour not in self._colours.values()]
        new = [name for name in names if name not in self._colours]
        self._colours.update(zip(new, free, strict=False))
        return names

    def _draw(self) -> None:
        """Draw the curves of the selected model and its overlays from the points that are there."""
        overview, curves = self._known.overview, self._known.curves
        if overview is None:
            return
        self._best = {model.name: curves.best(model.trainings) for model in overview.models}
        shown = self._shown()
        self.query_one(ModelList).show(overview, self._best, self._colours)
        shown = shown or self._shown()
        if shown:
            colours = {name: self._colours[name] for name in shown}
            self.query_one(RunCharts).show(curves, overview, colours)
            model = overview.model(shown[-1])
            self.query_one(LogView).tell(f"{model.state} {model.reason}".strip())
            self._show_line()

    def _show_line(self) -> None:
        overview, selected = self._known.overview, self.query_one(ModelList).selected
        if overview is not None and selected is not None:
            machine = self._known.machine
            speed = None if machine is None else machine.speed(selected)
            self.query_one(ModelLine).show(overview.model(selected), speed)

    def _select_wanted(self) -> None:
        models = self.query_one(ModelList)
        if self._wanted is None or not models.option_count:
            return
        models.select(self._wanted)
        self._wanted = None
