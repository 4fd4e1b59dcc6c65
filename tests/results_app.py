"""An application of nothing but the Results screen, for tests that drive it."""

from pilots import until
from rich.text import Text
from textual.app import App
from textual.pilot import Pilot

from cxrtui.lineages.overview import read_overview
from cxrtui.screens.app import Dashboard
from cxrtui.screens.known import Known
from cxrtui.screens.results.grid import ResultsGrid
from cxrtui.screens.results.screen import ResultsScreen
from cxrtui.screens.results.table import DrawnTable
from cxrtui.show.result_rows import drawn_rows, written
from jobs.loading import RecipeHoldings
from jobs.results import ResultTable, build_results
from jobs.workspace import Workspace

NAME = "cxr-lt-2023"


class Shown(App[None]):
    """The dashboard's looks around this one screen; the feed is what the test does."""

    CSS = Dashboard.CSS
    HORIZONTAL_BREAKPOINTS = Dashboard.HORIZONTAL_BREAKPOINTS

    def __init__(self, workspace: Workspace) -> None:
        super().__init__()
        self._workspace = workspace
        self.known = Known(NAME, workspace.paths.root, True)
        self.results = ResultsScreen(self.known, workspace)

    def on_mount(self) -> None:
        self.install_screen(self.results, "results")
        self.push_screen("results")
        self.look()

    def look(self) -> None:
        """What the feed's thread would have told."""
        with self._workspace.database.read() as connection:
            self.known.overview = read_overview(connection, NAME)
        if self.results.is_mounted:
            self.results.show_overview()

    @property
    def grid(self) -> ResultsGrid:
        return self.results.query_one(ResultsGrid)

    @property
    def drawn(self) -> DrawnTable:
        assert self.results.drawn is not None
        return self.results.drawn

    def cells(self) -> dict[str, list[Text]]:
        """What the grid has, by the first cell of each row."""
        return {row[0].plain: list(row[len(row) - 5 :]) for row in self.grid.rows}


async def opened(pilot: Pilot[None], app: Shown) -> None:
    await until(lambda: app.results.drawn is not None)
    await pilot.pause()


def slow_table(workspace: Workspace) -> ResultTable:
    holdings = RecipeHoldings(workspace, NAME)
    return build_results(holdings.recipe, holdings.predictions, holdings.targets)


def expect_cells(app: Shown, table: ResultTable) -> None:
    """The grid shows this table, to the digits shown, and what is bold."""
    found = app.cells()
    assert list(found) == [row.title for row in drawn_rows(table)]
    for row in drawn_rows(table):
        for cell, finished, text in zip(row.cells, table.finished, found[row.title], strict=True):
            if not (finished.dev or finished.test):
                assert text.plain.split() == ["…"]
                continue
            told, strong = [], []
            for split in app.drawn.splits:
                told.append(written(getattr(cell, split), getattr(finished, split)))
                strong += [told[-1]] if getattr(cell, f"best_{split}") else []
            assert text.plain.split() == " / ".join(told).split()
            assert [
                text.plain[one.start : one.end] for one in text.spans if one.style == "bold"
            ] == strong
