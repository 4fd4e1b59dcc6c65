"""The Results screen: the poster's table for the recipe, as far as it has come."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Final

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import Screen
from textual.timer import Timer
from textual.widgets import Static

from cxrtui.chart.lines import WARNING
from cxrtui.screens.away.file import Setting
from cxrtui.screens.known import Known
from cxrtui.screens.look.keys import KeyLine
from cxrtui.screens.messages import WorkFailed
from cxrtui.screens.results.claims import ClaimsScreen
from cxrtui.screens.results.grid import ResultsGrid
from cxrtui.screens.results.keys import RESULTS_KEYS
from cxrtui.screens.results.label_screen import LabelScreen
from cxrtui.screens.results.messages import ClaimsAdvanced, ClaimsTested, ColumnSure, ResultsLoaded
from cxrtui.screens.results.threads import load, resample
from cxrtui.screens.results.view import ResultsView
from cxrtui.screens.status_line import StatusLine
from cxrtui.show.plain import plain, plain_line
from jobs.workspace import Workspace

if TYPE_CHECKING:  # what these import costs a fifth of the start-up
    from cxrtui.screens.results.confidence import ColumnConfidence
    from cxrtui.screens.results.table import DrawnTable
    from cxrtui.screens.results.work import LoadedResults
    from cxrtui.show.result_rows import DrawnRow
    from jobs.comparisons import ComparisonResult

_PAUSE: Final = 0.25  # seconds without a key before patients are resampled
_NOTHING_YET: Final = (
    "No model of the table has predicted yet.\n\n"
    "Predictions follow training by themselves:\n"
    "  cxrtui run-all\n"
    "  cxrtui queue add MODEL"
)


class ResultsScreen(Screen[None]):
    """What is slow happens in threads; what they find is shown as it arrives."""

    CSS = """
    ResultsScreen #results { height: 1fr; padding: 0 1; }
    ResultsScreen #below { height: auto; max-height: 40%; scrollbar-size-vertical: 1; }
    ResultsScreen #changes { height: auto; }
    ResultsScreen #message { height: 1fr; display: none; padding: 1 2; }
    ResultsScreen.-message #message { display: block; }
    ResultsScreen.-message #grid, ResultsScreen.-message #below { display: none; }
    """
    BINDINGS = RESULTS_KEYS

    def __init__(self, known: Known, workspace: Workspace) -> None:
        super().__init__()
        self.view = ResultsView()
        self.loaded: LoadedResults | None = None
        self.drawn: DrawnTable | None = None
        self.confidence: dict[tuple[str, int], ColumnConfidence] = {}
        self._known = known
        self._workspace = workspace
        self._predicted: object = None  # what had been predicted when the table was last read
        self._titles = ("", "")
        self._told: tuple[object, ...] = ()  # what stands below the table
        self._tested: tuple[ComparisonResult, ...] | None = None
        self._claims: ClaimsScreen | None = None
        self._label: LabelScreen | None = None
        self._pause: Timer | None = None

    def compose(self) -> ComposeResult:
        """Status, the table above what its columns changed, keys."""
        yield StatusLine()
        with Vertical(id="results", classes="box"):
            yield Static(id="message", markup=False)
            yield ResultsGrid(id="grid")
            with VerticalScroll(id="below", can_focus=False):
                yield Static(id="changes", markup=False)
        yield KeyLine("results")

    def on_mount(self) -> None:
        """Name the box."""
        self.query_one("#results").border_title = "Average precision"
        self.query_one(ResultsGrid).focus()

    @property
    def settings(self) -> dict[str, Setting]:
        """What a person chose to see, and wants to find again."""
        return self.view.settings

    def restore(self, settings: Mapping[str, Setting]) -> None:
        """Take over what was chosen, before it is mounted."""
        self.view.restore(settings)

    def on_screen_resume(self) -> None:
        """Read what has been predicted since the last visit, and go on where it broke off."""
        self.show_overview()
        self._resample_soon()

    def on_screen_suspend(self) -> None:
        """Nobody looks any more: break off what only this screen shows."""
        if not self.is_seen:
            self._stop_resampling()

    def on_resize(self) -> None:
        """Fit the table, once the layout has its new widths."""
        self.call_after_refresh(self._show)

    @property
    def is_seen(self) -> bool:
        """Whether it is on the screen, perhaps below a dialog."""
        return self in self.app.screen_stack

    def show_overview(self) -> None:
        """Show the status, and read the table again if somebody has predicted since."""
        self.query_one(StatusLine).show(self._known)
        overview = self._known.overview
        if overview is None or not self.is_seen:
            return
        if self._label is not None:
            self._label.read_curves()
        predicted = tuple((model.name, model.predicted) for model in overview.models)
        if predicted == self._predicted:
            return
        self._predicted = predicted
        self._stop_resampling()
        if any(model.predicted for model in overview.models):
            self._load()
        else:
            self._forget()
            self._say(_NOTHING_YET)

    def action_split(self) -> None:
        """The other split; where there is room both of them come in between."""
        if self.drawn is not None:
            self.view.next_splits(both_fit=self.drawn.both_fit)
            self._show()
            self._resample_soon()

    def action_sort(self) -> None:
        """The next order of the labels."""
        if self.loaded is not None:
            self.view.next_order(len(self.loaded.table.columns))
            self._show()

    def action_reverse(self) -> None:
        """The other way round."""
        self.view.reverse()
        self._show()

    def action_published(self) -> None:
        """Set the published numbers beside one's own, or take them away."""
        if self.loaded is not None and self.loaded.published is None:
            self.notify("The recipe names no published numbers", severity="warning")
            return
        self.view.with_published = not self.view.with_published
        self._show()

    def action_intervals(self) -> None:
        """Show how sure the numbers are, or hide it."""
        self.view.with_intervals = not self.view.with_intervals
        self._show()
        self._resample_soon()

    def action_claims(self) -> None:
        """Show the recipe's claims with their verdicts."""
        if self.loaded is None:
            return
        if not self.loaded.recipe.comparisons:
            self.notify("The recipe makes no claims: it has no [[comparisons]]", severity="warning")
            return
        self._claims = ClaimsScreen()
        if self._tested is not None:
            self._claims.show_results(self._tested, self.loaded.scores.resamples)
        self.app.push_screen(self._claims, self._close_claims)
        self._resample_soon()

    @on(ResultsGrid.TitleClicked)
    def sort_by_mouse(self, event: ResultsGrid.TitleClicked) -> None:
        """A click on a heading sorts by it; another one the other way round."""
        from cxrtui.screens.results.table import LABEL, POSITIVES

        if event.key == LABEL:
            self.view.order_by("name")
        elif event.key == POSITIVES:
            self.view.order_by("positives")
        else:
            self.view.order_by("column", int(event.key))
        self._show()

    @on(ResultsGrid.CursorMoved)
    def tell_label(self) -> None:
        """Name the label under the cursor in full."""
        self._show_titles()

    @on(ResultsGrid.Chosen)
    def open_label(self) -> None:
        """Enter, or a click: the label's AP over the epochs."""
        if self._selected() is None:
            self.notify("Enter on a label shows its AP over the epochs")
        elif self._label is None:
            self._label = LabelScreen(self._known, self._workspace, self._step_label)
            self.app.push_screen(self._label, self._close_label)
            self._show_label()

    @on(ResultsLoaded)
    def take_results(self, message: ResultsLoaded) -> None:
        """The table has been read; all that was worked out from another one is of no use."""
        self._forget()
        if not message.loaded.is_begun:
            self._say(_NOTHING_YET)
            return
        self.loaded = message.loaded
        self.view.within(len(message.loaded.table.columns))
        self.set_class(False, "-message")
        self._show()
        self._show_label()
        self._resample_soon()

    @on(ColumnSure)
    def take_confidence(self, message: ColumnSure) -> None:
        """Intervals of a column have arrived."""
        if message.loaded is self.loaded:
            found = message.confidence
            self.confidence[found.split, found.column] = found
            self._show()

    @on(ClaimsAdvanced)
    def take_progress(self, message: ClaimsAdvanced) -> None:
        """Say how far the claims are."""
        if self._claims is not None:
            self._claims.tell(message.done, message.of)

    @on(ClaimsTested)
    def take_claims(self, message: ClaimsTested) -> None:
        """Show what the claims came to."""
        if message.loaded is self.loaded:
            self._tested = message.comparisons
            if self._claims is not None:
                self._claims.show_results(self._tested, message.loaded.scores.resamples)

    @on(WorkFailed)
    def take_failure(self, message: WorkFailed) -> None:
        """Tell the person, in place of numbers that are no longer true."""
        self._forget()
        self._say(message.text, WARNING)

    def _load(self) -> None:
        if self.loaded is None:
            self._say("Reading and scoring the predictions ...")
        work = partial(load, self._workspace, self._known.recipe, self.post_message)
        self.run_worker(work, thread=True, exclusive=True, group="load")

    def _forget(self) -> None:
        self._stop_resampling()
        self.loaded = self.drawn = self._tested = None
        self.confidence.clear()

    def _stop_resampling(self) -> None:
        if self._pause is not None:
            self._pause.stop()
        self.workers.cancel_group(self, "confidence")

    def _resample_soon(self) -> None:
        """Have work out what is asked for and not known, once nobody has pressed a key."""
        self._stop_resampling()
        loaded = self.loaded
        splits = self.drawn.splits if self.drawn and self.view.with_intervals else ()
        with_claims = self._claims is not None and self._tested is None
        if loaded is None or not (splits or with_claims):
            return
        work = partial(resample, loaded, splits, with_claims=with_claims, post=self.post_message)
        begin = partial(self.run_worker, work, thread=True, exclusive=True, group="confidence")
        self._pause = self.set_timer(_PAUSE, begin)

    def _selected(self) -> "DrawnRow | None":
        """The label under the cursor; None for a mean."""
        from cxrtui.screens.results.table import row_key

        key = self.query_one(ResultsGrid).selected
        rows = self.loaded.rows if self.loaded is not None else ()
        return next((row for row in rows if row.label is not None and row_key(row) == key), None)

    def _step_label(self, by: int) -> None:
        grid = self.query_one(ResultsGrid)
        before = grid.cursor
        grid.action_move(by)
        if self._selected() is None:
            grid.cursor = before
        self._show_label()

    def _show_label(self) -> None:
        """Show the label under the cursor in the dialog that is open."""
        row = self._selected()
        if self._label is not None and self.loaded is not None and row is not None:
            self._label.show_label(self.loaded, row, self.loaded.signs)

    def _close_label(self, _: None) -> None:
        self._label = None

    def _close_claims(self, _: None) -> None:
        self._claims = None

    def _show(self) -> None:
        """Show the table as it is wanted now, with the intervals that have arrived."""
        if self.loaded is None or not self.is_mounted:
            return
        from cxrtui.screens.results.changes import changes
        from cxrtui.screens.results.table import drawn_table

        loaded, view, known = self.loaded, self.view, self.confidence
        room = self.query_one("#results").content_size.width - 1  # of the bar that scrolls it
        self.drawn = drawn_table(loaded, view, known, room)
        self.query_one(ResultsGrid).show_table(self.drawn)
        told = (loaded, view.with_published, view.with_intervals, self.drawn.splits, room, *known)
        if told != self._told:
            self._told = told
            below = changes(loaded, view, known, self.drawn.splits, room)
            self.query_one("#changes", Static).update(below)
        self._show_titles()

    def _show_titles(self) -> None:
        if self.loaded is None or self.drawn is None:
            return
        from cxrtui.screens.results.titles import label_words, table_words

        row = self._selected()
        told = table_words(self.loaded, self.view, self.drawn.splits)
        label = "" if row is None else label_words(self.loaded, row)
        self._entitle(told, label)

    def _entitle(self, title: str, subtitle: str) -> None:
        """They are drawn with the whole box, so only if one is new."""
        if (title, subtitle) != self._titles:
            self._titles = title, subtitle
            box = self.query_one("#results")
            box.border_title = Content(plain_line(title)).markup
            box.border_subtitle = Content(plain_line(subtitle)).markup

    def _say(self, text: str, style: str = "dim") -> None:
        self.set_class(True, "-message")
        self._entitle("Average precision", "")
        self.query_one("#message", Static).update(Text(plain(text), style=style))
