"""The Results screen on a real workspace."""

from pathlib import Path

import pytest
from dashboard_workspace import Fixture, empty_workspace
from pilots import screen_text, until
from results_app import NAME, Shown, expect_cells, opened, slow_table

from cxrtui.screens.results.claims import ClaimsScreen
from cxrtui.screens.results.grid import ResultsGrid
from cxrtui.screens.results.view import BOTH, Order
from cxrtui.screens.results.work import load_results
from jobs.comparisons import compare_all
from jobs.published import published


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


async def test_claims_are_shown_with_their_verdicts(made: Fixture) -> None:
    (tested,) = [
        one for one in compare_all(load_results(made.workspace, NAME).scores) if one.splits
    ]
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("v")
        assert isinstance(app.screen, ClaimsScreen)
        await until(lambda: tested.comparison.claim in screen_text(app))
        lines = screen_text(app).splitlines()
        told = next(line for line in lines if tested.comparison.claim in line)
        assert told.split(tested.comparison.claim)[1].split()[:2] == [
            tested.splits[split].verdict for split in BOTH
        ]
        assert "No predictions yet of model2" in screen_text(app)
        await pilot.press("escape", "v")
        await pilot.pause()
        assert tested.comparison.claim in screen_text(app)


async def test_a_damaged_file_is_told_and_no_numbers(own: Fixture) -> None:
    path = next(own.workspace.paths.root.glob("runs/*/model3-*/predict-*/attempt-1/*/dev.parquet"))
    path.write_bytes(path.read_bytes()[:-9] + b"corrupted")
    app = Shown(own.workspace)
    async with app.run_test(size=(200, 40)) as pilot:
        await until(lambda: "MODEL.predict" in screen_text(app))  # the last words
        assert "mAP" not in screen_text(app)
        await pilot.press("t", "s", "S", "p", "c", "v", "enter")


async def test_nothing_predicted_says_what_to_do_first(tmp_path: Path) -> None:
    app = Shown(empty_workspace(tmp_path / "w"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "cxrtui run-all" in screen_text(app))
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
