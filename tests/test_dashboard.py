"""The dashboard on a real workspace, driven through Textual's pilot."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from dashboard_workspace import EPOCH_STEPS, Fixture, empty_workspace
from driven import dashboard
from pilots import screen_text, until
from textual.pilot import Pilot

from cxrtui.chart.colours import COLOURS
from cxrtui.chart.widget import Chart
from cxrtui.screens.app import Dashboard
from cxrtui.screens.run.model_list import ModelList
from db.attempts import update_attempt
from db.records import Point


def chart(app: Dashboard, name: str) -> Chart:
    return app.run_screen.query_one(f"#{name}", Chart)


def points(app: Dashboard, name: str = "loss", line: int = 0) -> int:
    lines = chart(app, name).lines
    return lines[line].y.size if len(lines) > line else 0


async def open_model(pilot: Pilot[None], app: Dashboard, model: str) -> None:
    await until(lambda: points(app) > 0)
    models = app.run_screen.query_one(ModelList)
    models.highlighted = models.get_option_index(model)
    await until(lambda: app.known.log is not None and app.known.log.model == model)
    await until(lambda: points(app) > 0)


async def test_selection_moves_the_charts_along_the_lineage(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: points(app) == 30 * EPOCH_STEPS)
        assert chart(app, "loss").marks == []
        await open_model(pilot, app, "model7")
        await until(lambda: points(app) == 64 * EPOCH_STEPS)
        assert [mark.text for mark in chart(app, "loss").marks] == ["stage2", "stage3"]
        assert [mark.x for mark in chart(app, "map").marks] == [30.0, 60.0]
        assert points(app, "map") == 64
        assert chart(app, "map").lines[0].x[-1] == 64.0
        await open_model(pilot, app, "model2")
        await until(lambda: points(app) == (30 + 19) * EPOCH_STEPS)  # the latest attempt wins
        restarts = [mark.x for mark in chart(app, "loss").marks if mark.kind == "restart"]
        assert restarts == [30 + 10 + 1 / EPOCH_STEPS]
        await until(lambda: "epoch 19 val mAP" in screen_text(app))
        expect_harmless_log(screen_text(app))
        await open_model(pilot, app, "model5")
        await until(lambda: points(app) == (30 + 10) * EPOCH_STEPS - 1)
        assert np.isnan(chart(app, "loss").lines[0].y).sum() == EPOCH_STEPS - 1
        await pilot.pause()
        assert "\N{MULTIPLICATION SIGN}" in screen_text(app)
        assert "the loss is not finite: step 361" in screen_text(app)


def expect_harmless_log(text: str) -> None:
    """Of the log's escape codes and markup, only letters have come as far as the screen."""
    assert "red text" in text
    assert "[bold]not markup[/bold]" in text
    assert "batch 3" in text
    assert "batch 2" not in text
    assert "owned title" not in text
    assert not {"\x1b", "\x9b", "\x07", "\r"} & set(text)


async def test_packs_that_models_wait_for_stand_above_them(own: Fixture) -> None:
    own.set_state("512px", "running", kind="pack")
    own.set_state("384px", "failed", "3 images cannot be read", kind="pack")
    own.set_state("model6", "blocked", "384px pack failed")
    own.set_state("model7", "queued", "needs 512px pack")
    attempt = own.begin("512px", kind="pack")
    with own.workspace.database.write() as connection:
        update_attempt(connection, attempt, step=450, steps=1000)
    app = dashboard(own.workspace)
    async with app.run_test(size=(120, 40)):
        await until(lambda: "512px pack" in screen_text(app))
        lines = screen_text(app).splitlines()
        (decoding,) = [line for line in lines if "512px pack " in line and "%" in line]
        assert "45%" in decoding
        assert any("384px pack 3 images" in line for line in lines)
        assert any("needs 512px pack" in line for line in lines)
        assert app.run_screen.query_one(ModelList).selected == "model0"
        own.set_state("512px", "succeeded", kind="pack")
        own.set_state("384px", "succeeded", kind="pack")
        await until(lambda: "decoding images" not in screen_text(app))


async def test_smoothing_and_overlays(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: points(app) > 0)
        train, val = (line.y.copy() for line in chart(app, "loss").lines)
        await pilot.press("s", "s")
        smoothed, same = (line.y for line in chart(app, "loss").lines)
        assert np.abs(np.diff(smoothed)).mean() < np.abs(np.diff(train)).mean() / 3
        assert (same == val).all()
        before = chart(app, "map").lines[0].colour
        await pilot.press("space", "j", "j")
        await until(lambda: len(chart(app, "map").lines) == 2)
        first, second = chart(app, "map").lines
        assert (first.name, first.colour) == ("model0 val", before)
        assert (second.name, second.colour != before) == ("model2 val", True)
        await pilot.press("k", "k", "space")
        assert [line.name for line in chart(app, "map").lines] == ["model0 val"]
        await pilot.press(*["space", "j"] * 7)
        await until(lambda: len(chart(app, "map").lines) == len(COLOURS))  # and no more
        app.run_screen.show_overview()  # when all colours are given out
        assert {line.colour for line in chart(app, "map").lines} == set(COLOURS)


async def test_new_points_and_states_appear_without_a_key(own: Fixture) -> None:
    app = dashboard(own.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_model(pilot, app, "model7")
        await until(lambda: points(app) == 64 * EPOCH_STEPS)
        attempt = app.known.overview.model("model7").trainings[0].id
        step = 4 * EPOCH_STEPS + 1
        own.add(Point(attempt, "train", "loss", step, step / EPOCH_STEPS, 0.0, 0.123))
        await until(lambda: points(app) == 64 * EPOCH_STEPS + 1)
        assert chart(app, "loss").lines[0].y[-1] == 0.123
        own.set_state("model7", "paused")
        await until(lambda: "⏸ model7" in screen_text(app))
        own.log("model7", "a new line\n")
        await until(lambda: "a new line" in screen_text(app))


async def test_a_changed_prediction_file_is_told_and_no_table(own: Fixture) -> None:
    path = next(own.workspace.paths.root.glob("runs/*/model3-*/predict-*/attempt-1/*/dev.parquet"))
    path.write_bytes(path.read_bytes()[:-9] + b"corrupted")
    app = dashboard(own.workspace)
    async with app.run_test(size=(200, 40)) as pilot:
        await until(lambda: app.known.overview is not None)
        await pilot.press("4")
        await until(lambda: "MODEL.predict" in screen_text(app))  # the last words
        assert "mAP" not in screen_text(app)


async def test_an_empty_workspace_says_what_to_do_first(tmp_path: Path) -> None:
    app = dashboard(empty_workspace(tmp_path / "w"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: "cxrtui run-all" in screen_text(app))
        assert "cxrtui init --data FOLDER" in screen_text(app)
        await pilot.press("j", "space", "s", "l", "2", "f", "o", "3", "t", "s", "4")
        await pilot.pause()
        await pilot.press("space", "v", "t", "c", "w", "1", "q")


async def test_a_database_that_goes_away_is_told(own: Fixture) -> None:
    app = dashboard(own.workspace)
    async with app.run_test(size=(200, 40)):
        await until(lambda: points(app) > 0)
        with own.workspace.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE attempt RENAME TO elsewhere")
        await until(lambda: "no such table" in screen_text(app))
        with own.workspace.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO attempt")
        await until(lambda: "no such table" not in screen_text(app))


def test_the_dashboard_imports_no_heavy_library() -> None:
    code = (
        "import sys, cxrtui.screens.app, cxrtui.screens.all_screens\n"
        "print(sorted({'torch', 'timm', 'sklearn', 'pandas', 'matplotlib', 'pyarrow', 'alembic'}"
        " & set(sys.modules)))"
    )
    root = str(Path(__file__).parent.parent)
    answer = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert answer.stdout.strip() == "[]"
