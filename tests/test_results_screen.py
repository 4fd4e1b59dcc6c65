"""The Results screen on a real workspace."""

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from dashboard_workspace import EPOCH_STEPS, Fixture, busy_workspace, empty_workspace
from numpy.typing import NDArray
from results_app import NAME, Shown, opened, screen_text, until
from sqlalchemy import Connection
from textual.screen import Screen

from cxrtui.chart.widget import Chart
from cxrtui.lineages.overview import read_overview
from cxrtui.screens.results import work as results_work
from cxrtui.screens.results.claims import ClaimsScreen
from cxrtui.screens.results.grid import ResultsGrid
from cxrtui.screens.results.label_screen import LabelScreen
from cxrtui.screens.results.screen import ResultsScreen
from cxrtui.screens.results.view import BOTH, Order
from cxrtui.screens.results.work import load_results
from cxrtui.show.result_rows import drawn_rows, written
from cxrtui.show.scores import scores_of
from db.records import Point
from jobs.comparisons import compare_all
from jobs.confidence import Confidence, confidence
from jobs.loading import RecipeHoldings
from jobs.published import published
from jobs.results import ResultTable, build_results
from jobs.scoring import bootstrap
from jobs.scoring.bootstrap import replicate_blocks
from jobs.workspace import Workspace, open_workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Fixture:
    """A workspace that tests only read; its epochs have told AP of two labels."""
    fixture = busy_workspace(tmp_path_factory.mktemp("busy") / "w")
    with fixture.workspace.database.read() as connection:
        overview = read_overview(connection, NAME)
    for model in ("model0", "model2", "model3"):
        for attempt in overview.model(model).trainings:
            fixture.add(*_epochs(attempt.id, 10 if attempt.number == 2 else 0))
    return fixture


@pytest.fixture(autouse=True)
def fewer_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two hundred say as much of the screen as a thousand."""
    monkeypatch.setattr(results_work, "scores_of", partial(scores_of, resamples=200))


@pytest.fixture
def own(made: Fixture, tmp_path: Path) -> Fixture:
    """A copy of it that a test may change."""
    shutil.copytree(made.workspace.paths.root, tmp_path / "w")
    return Fixture(open_workspace(tmp_path / "w"), made.tables)


def _epochs(attempt: int, first: int) -> list[Point]:
    """Edema after 13 epochs or from a later one on, and a label that validation does not have."""
    points = []
    for epoch in range(first + 1, first + 14):
        at = (epoch * EPOCH_STEPS, float(epoch), 1e9 + epoch)
        points.append(Point(attempt, "val", "ap/Edema", *at, attempt + epoch / 100))
        points.append(Point(attempt, "val", "ap/Fibrosis", *at, None))
    return points


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


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_the_table_is_that_of_build_results(made: Fixture, size: tuple[int, int]) -> None:
    table = slow_table(made.workspace)
    app = Shown(made.workspace)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, app)
        assert app.drawn.splits == (BOTH if size[0] > 80 else ("dev",))
        expect_cells(app, table)
        text = screen_text(app)
        assert "Enlarged Cardiomediastinum" in text
        assert "Over the column before" in text
        assert "23 of 26 rose, mAP +0.063" in text
        assert "dev 199 of 600" in text
        assert ("positives" in text) == (size[0] == 200)
        for splits in [("dev",), ("test",), BOTH] if size[0] > 80 else [("test",), ("dev",)]:
            await pilot.press("t")
            await pilot.pause()
            assert app.drawn.splits == splits
            expect_cells(app, table)


async def test_labels_are_sorted_by_key_and_by_mouse(made: Fixture) -> None:
    table = slow_table(made.workspace)
    labels = [row.label for row in table.rows]
    means = ["mean of head", "mean of medium", "mean of tail", "Mean"]
    frequent = sorted(table.rows, key=lambda row: -(row.positives_dev or 0))
    high = sorted(table.rows, key=lambda row: -(row.cells[0].dev or 0))
    app = Shown(made.workspace)
    async with app.run_test(size=(200, 60)) as pilot:
        await opened(pilot, app)
        await pilot.press("j", "j")
        for expected in (
            sorted(labels),
            [row.label for row in frequent],
            [row.label for row in high],
        ):
            await pilot.press("s")
            assert list(app.cells()) == [*expected, *means]
            assert app.grid.selected == "label:Cardiomegaly"  # the cursor stays on its label
        assert app.grid.cursor == expected.index("Cardiomegaly")
        await pilot.pause()
        assert "Cardiomegaly  head" in screen_text(app)
        await pilot.press("S")
        assert list(app.cells()) == [*reversed(expected), *means]
        place = sum(column.width for column in app.drawn.columns[:2])
        for expected in ([row.label for row in high], [row.label for row in reversed(high)]):
            await pilot.click(ResultsGrid, offset=(place + 1, 0))
            await pilot.pause()
            assert list(app.cells()) == [*expected, *means]
        assert "by 1st stage dev" in screen_text(app)
        await pilot.click(ResultsGrid, offset=(1, 0))
        await pilot.pause()
        assert list(app.cells()) == [*sorted(labels), *means]


async def test_published_numbers_stand_beside_dimmed(made: Fixture) -> None:
    poster = published(NAME)
    app = Shown(made.workspace)
    async with app.run_test(size=(200, 60)) as pilot:
        await opened(pilot, app)
        await pilot.press("p")
        for row in poster.rows:
            for cell, text in zip(row.cells, app.cells()[row.label], strict=True):
                told = f"{cell.dev:.3f} / {cell.test:.3f}"
                (dimmed,) = [
                    text.plain[one.start : one.end] for one in text.spans if one.style == "dim"
                ][-1:]
                assert dimmed.strip() == told
        await pilot.press("p")
        expect_cells(app, slow_table(made.workspace))


async def test_intervals_arrive_and_mark_what_is_within_noise(made: Fixture) -> None:
    loaded = load_results(made.workspace, NAME)
    expected = confidence(loaded.scores)
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        assert not app.results.confidence
        await pilot.press("c")
        await until(pilot, lambda: len(app.results.confidence) == 3)
        await pilot.pause()
        _expect_intervals(app, expected, "dev")
        assert "within noise" in screen_text(app)
        change = expected.splits["dev"].differences[3]
        assert change is not None
        mean = change.means["all"]
        assert f"mAP {mean.value:+.3f} [{mean.low:+.3f}, {mean.high:+.3f}]" in screen_text(app)
        await pilot.press("t")
        await until(pilot, lambda: len(app.results.confidence) == 6)
        await pilot.press("c")
        expect_cells(app, slow_table(made.workspace))


def _expect_intervals(app: Shown, expected: Confidence, split: str) -> None:
    assert app.drawn.splits == (split,)
    found, noisy = expected.splits[split], 0
    for row, texts in app.cells().items():
        label = row.removesuffix(" °")
        assert (label != row) == (label in found.few_positives)
        for column, change, text in zip(found.columns, found.differences, texts, strict=True):
            if column is None or label not in column.labels:
                continue
            own = column.labels[label]
            parts = f"{own.low:.3f}\N{EN DASH}{own.high:.3f}".replace("0.", ".")
            noise = change is not None and change.labels[label].is_within_noise
            noisy += noise
            assert text.plain.split() == [f"{own.value:.3f}{'~' * noise}", parts]
    assert noisy


async def test_leaving_the_screen_breaks_off_and_returning_goes_on(
    made: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, begun, broken = Event(), Event(), Event()

    def held(*given: Any) -> Iterator[NDArray[np.float64]]:
        begun.set()
        try:
            for block in replicate_blocks(*given):
                assert free.wait(60)
                yield block
        except GeneratorExit:
            broken.set()

    monkeypatch.setattr(bootstrap, "replicate_blocks", held)
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("c")
        await until(pilot, begun.is_set)
        app.install_screen(Screen(), "other")
        await app.switch_screen("other")
        await until(pilot, lambda: not app.results.is_seen)
        await pilot.pause()
        free.set()
        await until(pilot, broken.is_set)
        assert not app.results.confidence
        await app.switch_screen("results")
        await until(pilot, lambda: len(app.results.confidence) == 3)


async def test_claims_are_shown_with_their_verdicts(made: Fixture) -> None:
    (tested,) = [
        one for one in compare_all(load_results(made.workspace, NAME).scores) if one.splits
    ]
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("v")
        assert isinstance(app.screen, ClaimsScreen)
        await until(pilot, lambda: tested.comparison.claim in screen_text(app))
        lines = screen_text(app).splitlines()
        told = next(line for line in lines if tested.comparison.claim in line)
        assert told.split(tested.comparison.claim)[1].split()[:2] == [
            tested.splits[split].verdict for split in BOTH
        ]
        assert "No predictions yet of model2" in screen_text(app)
        await pilot.press("escape", "v")
        await pilot.pause()
        assert tested.comparison.claim in screen_text(app)


async def test_enter_shows_a_label_over_the_epochs(made: Fixture) -> None:
    table = slow_table(made.workspace)
    with made.workspace.database.read() as connection:
        ids = _attempts(connection)
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        app.grid.cursor = [row.label for row in table.rows].index("Edema")
        await pilot.press("enter")
        assert isinstance(app.screen, LabelScreen)
        chart = app.screen.query_one(Chart)
        await until(pilot, lambda: chart.lines)
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
        await until(pilot, lambda: "Enlarged Cardiomediastinum  AP" in screen_text(app))
        await pilot.press("escape")
        assert app.grid.selected == "label:Enlarged Cardiomediastinum"
        app.grid.cursor = app.drawn.keys.index("label:Fibrosis")
        await pilot.press("enter")
        await until(pilot, lambda: "no positives in validation" in screen_text(app))
        await pilot.press("escape", *["j"] * 9, "enter")
        assert isinstance(app.screen, ResultsScreen)  # a mean has no curve


def _attempts(connection: Connection) -> list[int]:
    overview = read_overview(connection, NAME)
    return [one.id for model in ("model0", "model2") for one in overview.model(model).trainings]


async def test_what_is_predicted_meanwhile_fills_its_column(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("c")
        await until(pilot, lambda: len(app.results.confidence) == 3)
        assert app.cells()["Edema"][1].plain.split() == ["…"]
        own.predict("model2", 0.6)
        app.look()
        await until(pilot, lambda: len(app.results.confidence) == 4)
        await pilot.press("c")
        await pilot.pause()
        expect_cells(app, slow_table(own.workspace))
        assert app.cells()["Edema"][1].plain.split() != ["…"]


async def test_a_damaged_file_is_told_and_no_numbers(own: Fixture) -> None:
    path = next(own.workspace.paths.root.glob("runs/*/model3-*/predict-*/attempt-1/*/dev.parquet"))
    path.write_bytes(path.read_bytes()[:-9] + b"corrupted")
    app = Shown(own.workspace)
    async with app.run_test(size=(200, 40)) as pilot:
        await until(pilot, lambda: "MODEL.predict" in screen_text(app))  # the last words
        assert "mAP" not in screen_text(app)
        await pilot.press("t", "s", "S", "p", "c", "v", "enter")


async def test_nothing_predicted_says_what_to_do_first(tmp_path: Path) -> None:
    app = Shown(empty_workspace(tmp_path / "w"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "cxrtui run-all" in screen_text(app))
        await pilot.press("t", "s", "S", "p", "c", "v", "enter")
        assert app.screen is app.results


async def test_what_was_chosen_is_found_again(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(200, 60)) as pilot:
        await opened(pilot, app)
        await pilot.press("t", "s", "s", "s", "S", "p")
        kept, shown = app.results.settings, list(app.cells())
    again = Shown(made.workspace)
    again.results.restore(kept)
    async with again.run_test(size=(200, 60)) as pilot:
        await opened(pilot, again)
        assert again.results.settings == kept
        assert again.drawn.splits == ("dev",)
        assert list(again.cells()) == shown
        assert "by 1st stage dev reversed" in screen_text(again)


async def test_settings_that_mean_nothing_any_more_are_left_out(made: Fixture) -> None:
    app = Shown(made.workspace)
    app.results.restore({"splits": "val", "by": "column", "column": 99, "with_published": "?"})
    async with app.run_test(size=(200, 60)) as pilot:
        await opened(pilot, app)
        assert app.drawn.splits == BOTH
        assert app.results.view.order == Order()
        assert not app.results.view.with_published


async def test_a_table_wider_than_the_screen_keeps_its_labels_in_sight(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(60, 18)) as pilot:
        await opened(pilot, app)
        await pilot.press("p", *["right"] * 12, "G")
        await pilot.pause()
        lines = screen_text(app).splitlines()
        assert app.grid.scroll_offset.x > 0
        assert any("Mean" in line for line in lines), "\n".join(lines)
