"""One label: its AP over the epochs, and beside it what each column of the table came to."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.console import Group
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from cxrtui.chart.widget import Chart
from cxrtui.screens.known import Known
from cxrtui.screens.results.messages import LabelRead, LabelUnread
from cxrtui.screens.results.threads import read_curves
from cxrtui.show.plain import plain, plain_line
from jobs.workspace import Workspace

if TYPE_CHECKING:  # imports what reads predictions
    from cxrtui.screens.results.label import LabelCurves, ModelSign
    from cxrtui.screens.results.work import LoadedResults
    from cxrtui.show.result_rows import DrawnRow


class LabelScreen(ModalScreen[None]):
    """Shows one label after the other, as it is told."""

    CSS = """
    LabelScreen { align: center middle; }
    LabelScreen Vertical {
        width: 96%; height: 94%; border: round $primary; padding: 0 1; background: $surface;
    }
    LabelScreen Static { height: auto; max-height: 50%; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "dismiss", "close"),
        Binding("j,down", "step(1)", "label below"),
        Binding("k,up", "step(-1)", "label above"),
        Binding("i", "images", "images", tooltip="images of this label, by their scores"),
        Binding("question_mark", "app.help", "help", tooltip="what the keys do"),
    ]

    def __init__(self, known: Known, workspace: Workspace, step: Callable[[int], None]) -> None:
        """`step` is called with how many rows further the next label is."""
        super().__init__()
        self._known = known
        self._workspace = workspace
        self._step = step
        self._told: tuple[LoadedResults, DrawnRow, Mapping[str, ModelSign]] | None = None
        self._curves: LabelCurves | None = None

    def compose(self) -> ComposeResult:
        """The chart above the numbers."""
        with Vertical() as box:
            box.border_subtitle = "j k the label below, above   i images   Esc back"
            yield Chart(id="label-chart")
            yield Static(id="label-numbers", markup=False)

    def on_mount(self) -> None:
        """Read the curves; the numbers follow with the first layout."""
        self.call_after_refresh(self.read_curves)

    def on_resize(self) -> None:
        """Fit the numbers, once the layout has its new widths."""
        self.call_after_refresh(self._show)

    def action_step(self, by: int) -> None:
        """Another label."""
        self._step(by)

    def action_images(self) -> None:
        """Close, and look at images of the label, with the scores of the first member."""
        if self._told is None:
            return
        loaded, row, _ = self._told
        predicted = predicted_first(loaded)
        if predicted is None:
            self.notify("No column has been predicted as a whole", severity="warning")
            return
        # Imported here: few visits need it.
        from cxrtui.screens.images.screen import ImagesScreen

        split, member = predicted
        images = ImagesScreen(
            self._known, self._workspace, split=split, member=member, label=row.title
        )
        self.dismiss()
        self.app.push_screen(images)

    def show_label(
        self, loaded: "LoadedResults", row: "DrawnRow", signs: "Mapping[str, ModelSign]"
    ) -> None:
        """Show the numbers of this label; its curves follow."""
        if self._curves is not None and self._curves.label != row.title:
            self._curves = None
        self._told = (loaded, row, signs)
        self._show()
        self.read_curves()

    def read_curves(self) -> None:
        """Read what the epochs have told of the label so far."""
        if self._told is not None and self.is_mounted:
            loaded, row, signs = self._told
            work = partial(
                read_curves,
                self._workspace,
                loaded.recipe.name,
                signs,
                row.title,
                self.post_message,
            )
            self.run_worker(work, thread=True, exclusive=True)

    @on(LabelRead)
    def take_curves(self, message: LabelRead) -> None:
        """Draw the curves, if they are still those of the label that is shown."""
        if self._told is not None and self._told[1].title == message.curves.label:
            self._curves = message.curves
            self._show()

    @on(LabelUnread)
    def take_failure(self, message: LabelUnread) -> None:
        """Tell the person; the numbers stand."""
        self.notify(plain(message.text), severity="error", markup=False)

    def _show(self) -> None:
        if self._told is None or not self.is_mounted:
            return
        loaded, row, signs = self._told
        box = self.query_one(Vertical)
        box.border_title = Content(
            f"{plain_line(row.title)}  AP on validation over the epochs"
        ).markup
        view, curves = self.query_one("#label-numbers", Static), self._curves
        view.update(_numbers(loaded, row, signs, curves, view.size.width))
        if curves is not None:
            lines, marks = curves.lines, curves.marks
            self.query_one(Chart).show_lines(lines, marks, (0.0, curves.end))


def predicted_first(loaded: "LoadedResults") -> tuple[str, str] | None:
    """A split, test before dev, and the first member of the first column that has all of it."""
    for split in ("test", "dev"):
        for finished, members in zip(loaded.table.finished, loaded.members, strict=True):
            if getattr(finished, split):
                return split, members[0]
    return None


def _numbers(
    loaded: "LoadedResults",
    row: "DrawnRow",
    signs: "Mapping[str, ModelSign]",
    curves: "LabelCurves | None",
    width: int,
) -> Group:
    """What the signs on the lines stand for, and the AP of each column."""
    from cxrtui.show.grid import Grid, grid_table
    from cxrtui.show.result_rows import written

    models = {one.model: one for one in signs.values()}
    legend = Text()
    for one in models.values():
        legend.append(f"━{one.sign}━ ", style=one.colour).append(f"{plain_line(one.model)}  ")
    if curves is not None and not curves.has_points:
        legend = Text("No epoch has an AP of it: untrained, or no positives in validation")
    printed = any(one is not None for one in row.published)
    rows = []
    for place, title in enumerate(loaded.table.columns):
        cell, finished = row.cells[place], loaded.table.finished[place]
        of = " ".join(dict.fromkeys(signs[name].sign for name in loaded.members[place]))
        beside = row.published[place]
        told = "" if beside is None else f"{beside.dev:.3f} / {beside.test:.3f}"
        rows.append(
            (
                title,
                of,
                written(cell.dev, finished.dev),
                written(cell.test, finished.test),
                *((told,) if printed else ()),
            )
        )
    titles = ("AP of the column", "of", "dev", "test")
    grid = Grid(
        title="",
        columns=(*titles, *(("published",) if printed else ())),
        rows=tuple(rows),
        left=2,
        dim_columns=frozenset({len(titles)}),
    )
    return Group(legend, grid_table(grid, width))
