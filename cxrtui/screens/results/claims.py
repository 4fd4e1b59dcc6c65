"""The recipe's claims with their verdicts, over the Results screen."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

if TYPE_CHECKING:  # imports what reads predictions
    from jobs.comparisons import ComparisonResult


class ClaimsScreen(ModalScreen[None]):
    """Says how far the resampling is, and then what came of it."""

    CSS = """
    ClaimsScreen { align: center middle; }
    ClaimsScreen VerticalScroll {
        width: 96%; max-width: 110; height: auto; max-height: 94%; padding: 0 1;
        border: round $primary; background: $surface; scrollbar-size-vertical: 1;
        scrollbar-gutter: stable;
    }
    ClaimsScreen Static { height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,v,enter", "dismiss", "close")]

    def __init__(self) -> None:
        super().__init__()
        self._told = "Waiting for the threads ..."
        self._tested: tuple[Sequence[ComparisonResult], int] | None = None

    def compose(self) -> ComposeResult:
        """One text that may be longer than the screen."""
        with VerticalScroll() as box:
            box.border_title = "The recipe's claims, put to the test"
            yield Static(id="claims", markup=False)

    def on_resize(self) -> None:
        """Fit the tables, once the layout has its new widths."""
        self.call_after_refresh(self._show)

    def tell(self, done: int, of: int) -> None:
        """Say how far it is."""
        self._told = f"Resampling the patients: {done} of {of} scores done"
        self._show()

    def show_results(self, tested: "Sequence[ComparisonResult]", resamples: int) -> None:
        """Show each claim with its verdict."""
        self._tested = (tested, resamples)
        self._show()

    def _show(self) -> None:
        if not self.is_mounted:
            return
        shown: RenderableType = Text(self._told, style="dim")
        if self._tested is not None:
            shown = _claims(*self._tested, self.query_one("#claims").size.width)
        self.query_one("#claims", Static).update(shown)


def _claims(tested: "Sequence[ComparisonResult]", resamples: int, width: int) -> RenderableType:
    from cxrtui.show.comparisons import comparison_grids
    from cxrtui.show.differences import SPLIT_NAMES
    from cxrtui.show.grid import Grid, grid_table
    from cxrtui.show.result_rows import UNFINISHED

    verdicts = Grid(
        title="",
        columns=("claim", *SPLIT_NAMES.values()),
        rows=tuple(
            (one.comparison.claim, *(_verdict(one, split, UNFINISHED) for split in SPLIT_NAMES))
            for one in tested
        ),
        left=len(SPLIT_NAMES) + 1,
    )
    parts = [grid_table(verdicts, width)]
    for grid in comparison_grids(tested, resamples):
        parts += [Text(), grid_table(grid, width)]
    return Group(*parts)


def _verdict(result: "ComparisonResult", split: str, otherwise: str) -> str:
    tested = result.splits.get(split)
    return otherwise if tested is None else tested.verdict
