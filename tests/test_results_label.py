"""One label of the Results screen over the epochs."""

import numpy as np
import pytest
from dashboard_workspace import EPOCH_STEPS, Fixture
from pilots import screen_text, until
from results_app import NAME, Shown, opened, slow_table
from sqlalchemy import Connection

from cxrtui.chart.widget import Chart
from cxrtui.lineages.overview import read_overview
from cxrtui.screens.results.label_screen import LabelScreen
from cxrtui.screens.results.screen import ResultsScreen
from db.records import Point


@pytest.fixture
def taught(own: Fixture) -> Fixture:
    """A workspace whose epochs have told AP of two labels."""
    with own.workspace.database.read() as connection:
        overview = read_overview(connection, NAME)
    for model in ("model0", "model2", "model3"):
        for attempt in overview.model(model).trainings:
            own.add(*_epochs(attempt.id, 10 if attempt.number == 2 else 0))
    return own


def _epochs(attempt: int, first: int) -> list[Point]:
    """Edema after 13 epochs or from a later one on, and a label that validation does not have."""
    points = []
    for epoch in range(first + 1, first + 14):
        at = (epoch * EPOCH_STEPS, float(epoch), 1e9 + epoch)
        points.append(Point(attempt, "val", "ap/Edema", *at, attempt + epoch / 100))
        points.append(Point(attempt, "val", "ap/Fibrosis", *at, None))
    return points


async def test_enter_shows_a_label_over_the_epochs(taught: Fixture) -> None:
    table = slow_table(taught.workspace)
    with taught.workspace.database.read() as connection:
        ids = _attempts(connection)
    app = Shown(taught.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        app.grid.cursor = [row.label for row in table.rows].index("Edema")
        await pilot.press("enter")
        assert isinstance(app.screen, LabelScreen)
        chart = app.screen.query_one(Chart)
        await until(lambda: chart.lines)
        line = next(line for line in chart.lines if line.name == "model2")
        root, first, second = ids
        epochs = [*range(1, 14), *range(31, 54)]
        np.testing.assert_array_equal(line.x, epochs)
        owners = [root] * 13 + [first] * 10 + [second] * 13  # the later attempt from epoch 11 on
        expected = [
            owner + (epoch if epoch < 30 else epoch - 30) / 100
            for owner, epoch in zip(owners, epochs, strict=True)
        ]
        np.testing.assert_allclose(line.y, expected)
        text = screen_text(app)
        edema = next(row for row in table.rows if row.label == "Edema")
        (told,) = [line for line in text.splitlines() if "Postprocess" in line]
        assert f"{edema.cells[3].dev:.3f}" in told
        assert f"{edema.cells[3].test:.3f}" in told
        assert "━B━ model2" in text
        await pilot.press("j")
        await until(lambda: "Enlarged Cardiomediastinum  AP" in screen_text(app))
        await pilot.press("escape")
        assert app.grid.selected == "label:Enlarged Cardiomediastinum"
        app.grid.cursor = app.drawn.keys.index("label:Fibrosis")
        await pilot.press("enter")
        await until(lambda: "no positives in validation" in screen_text(app))
        await pilot.press("escape", *["j"] * 9, "enter")
        assert isinstance(app.screen, ResultsScreen)  # a mean has no curve


def _attempts(connection: Connection) -> list[int]:
    overview = read_overview(connection, NAME)
    return [one.id for model in ("model0", "model2") for one in overview.model(model).trainings]
