"""The Run screen's charts and log, on a workspace in the middle of its work."""

import pytest
from dashboard_workspace import EPOCH_STEPS, HOSTILE_LOG, Fixture
from driven import dashboard
from pilots import until
from textual.events import Key, MouseScrollUp
from textual.pilot import Pilot
from textual.widgets import Input, Log

from cxrtui.chart.widget import Chart
from cxrtui.screens.app import Dashboard
from cxrtui.screens.run.charts import RunCharts
from cxrtui.screens.run.log_tail import added
from cxrtui.screens.run.log_view import LogView
from cxrtui.screens.run.model_list import ModelList


def chart(app: Dashboard, name: str = "loss") -> Chart:
    return app.run_screen.query_one(f"#{name}", Chart)


def axis(app: Dashboard) -> list[float]:
    """Where both charts begin and end."""
    loss, score = chart(app)._x_range, chart(app, "map")._x_range
    assert loss == score
    return [round(end, 3) for end in loss]


async def open_model(pilot: Pilot[None], app: Dashboard, model: str, points: int) -> None:
    await until(lambda: bool(chart(app).lines))
    models = app.run_screen.query_one(ModelList)
    models.highlighted = models.get_option_index(model)
    await until(lambda: app.known.log is not None and app.known.log.model == model)
    await until(lambda: chart(app).lines[0].y.size == points)
    await pilot.pause()


def log_lines(app: Dashboard) -> list[str]:
    return list(app.run_screen.query_one(Log).lines)


async def test_the_axis_goes_round_and_marks_move_along(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_model(pilot, app, "model2", 49 * EPOCH_STEPS)
        found = []
        for _ in range(5):
            ends = chart(app).lines[0].x[-1], chart(app, "map").lines[0].x[-1]
            assert ends[0] == ends[1]
            marks = [(mark.kind, round(mark.x, 2)) for mark in chart(app).marks]
            found.append((chart(app, "map").border_subtitle, float(ends[0]), axis(app)[1], marks))
            await pilot.press("x")
        assert found[0] == ("epochs", 49.0, 60.0, [("stage", 30.0), ("restart", 40.02)])
        assert found[1] == ("steps", 1960.0, 2400.0, [("stage", 1200.0), ("restart", 1601.0)])
        images = 1200 * 256
        assert found[2][1] == images + 760 * 128
        assert found[2][3] == [("stage", images), ("restart", images + 401 * 128)]
        assert found[3][0] == "minutes"
        assert found[3][1] == pytest.approx(found[3][2], abs=1e-3)  # so far
        assert found[4] == found[0]


async def test_both_charts_zoom_and_pan_together(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_model(pilot, app, "model2", 49 * EPOCH_STEPS)
        assert axis(app) == [0.0, 60.0]
        await pilot.press("plus")
        assert axis(app) == [10.0, 50.0]
        assert chart(app, "map").border_subtitle == "10 to 50 of 60 epochs"
        await pilot.press("left_square_bracket")
        assert axis(app) == [0.0, 40.0]
        await pilot.press("shift+right", "right_square_bracket", "right_square_bracket")
        assert axis(app) == [20.0, 60.0]
        await pilot.press("minus")
        assert axis(app) == [0.0, 60.0]
        await pilot.press("plus", "plus", "0")
        assert axis(app) == [0.0, 60.0]
        await pilot.press("plus", "x")
        assert axis(app) == [0.0, 2400.0]  # another axis is shown as a whole


async def test_the_cursor_tells_the_values_of_all_lines(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_model(pilot, app, "model2", 49 * EPOCH_STEPS)
        await pilot.press("right")
        train, val = chart(app).lines
        loss, score = str(chart(app).border_title), str(chart(app, "map").border_title)
        at = train.x.searchsorted(30.0)
        assert loss.startswith("Loss  train/val")
        assert f"{train.y[at]:#.3g}/{val.y[29]:#.3g}" in loss
        assert f"model2 {chart(app, 'map').lines[0].y[29]:#.3g}" in score
        assert chart(app, "map").border_subtitle == "30.0 epochs"
        await pilot.press("left", "left")
        step = chart(app).cell
        assert step is not None
        assert chart(app, "map").border_subtitle == f"{30 - 2 * step:.1f} epochs"
        await pilot.press("plus")
        low, high = axis(app)
        assert (30 - 2 * step - low) / (high - low) == pytest.approx((30 - 2 * step) / 60, abs=1e-4)
        await pilot.press("escape")
        assert "train" in str(chart(app).border_title)
        assert not app.run_screen.query_one(RunCharts).has_cursor


async def test_the_mouse_points_zooms_and_drags(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_model(pilot, app, "model2", 49 * EPOCH_STEPS)
        charts = app.run_screen.query_one(RunCharts)
        await pilot.hover("#loss", offset=(1 + 6 + 33, 3))
        await until(lambda: charts.has_cursor)
        cell = chart(app).cell
        assert cell is not None
        assert chart(app, "map").border_subtitle == f"{33.5 * cell:.1f} epochs"
        await pilot._post_mouse_events([MouseScrollUp], "#map", offset=(1 + 6 + 33, 3))
        await until(lambda: axis(app)[1] < 60.0)
        low, high = axis(app)
        assert high - low == pytest.approx(48.0)
        assert 33.5 * cell - low == pytest.approx(33.5 * cell * 48 / 60, abs=1e-3)
        await pilot.mouse_down("#loss", offset=(40, 3))
        await pilot.hover("#loss", offset=(45, 3))
        await pilot.mouse_up("#loss", offset=(45, 3))
        await until(lambda: axis(app)[0] < low)
        assert axis(app)[1] - axis(app)[0] == pytest.approx(48.0)
        await pilot.hover("#models", offset=(3, 12))
        await until(lambda: not charts.has_cursor)


async def test_the_loss_by_its_logarithm(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_model(pilot, app, "model2", 49 * EPOCH_STEPS)
        before = [chart(app).render_line(row).text for row in range(10)]
        score = [chart(app, "map").render_line(row).text for row in range(10)]
        await pilot.press("y")
        assert str(chart(app).border_title).startswith("Loss, log")
        assert [chart(app).render_line(row).text for row in range(10)] != before
        assert [chart(app, "map").render_line(row).text for row in range(10)] == score
        await pilot.press("y")
        assert [chart(app).render_line(row).text for row in range(10)] == before


async def test_a_search_in_the_log(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_model(pilot, app, "model2", 49 * EPOCH_STEPS)
        view, before = app.run_screen.query_one(LogView), log_lines(app)
        for key, character in (("slash", "/"), ("t", "t")):  # at once, as over ssh
            app.post_message(Key(key, character))
        await until(lambda: str(view.border_subtitle) == "match 4 of 4")
        assert [line[:2] for line in log_lines(app)].index("▸ ") == 3
        await pilot.press("up", "enter")
        assert str(view.border_subtitle) == "match 2 of 4"
        assert [line[:2] for line in log_lines(app)].index("▸ ") == 1
        await pilot.pause()
        strip = app.run_screen.query_one(Log).render_line(1)
        found = [
            segment.text
            for segment in strip
            if segment.style and segment.style.bgcolor and segment.style.bgcolor.name == "#f0e442"
        ]
        assert set(found) == {"t"}
        await pilot.press("down")
        assert str(view.border_subtitle) == "match 3 of 4"
        await pilot.press(*"zz", "slash")
        assert app.run_screen.query_one(Input).value == "tzz/"
        assert str(view.border_subtitle) == "no match"
        await pilot.press("escape")
        assert log_lines(app) == before
        assert not view.is_searching
        assert isinstance(app.focused, ModelList)
        await pilot.press("j")
        assert app.run_screen.query_one(ModelList).selected == "model3"


async def test_a_search_goes_on_while_the_log_grows(own: Fixture) -> None:
    app = dashboard(own.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_model(pilot, app, "model7", 64 * EPOCH_STEPS)
        await pilot.press("slash", *"model7")
        own.log("model7", "before\nmodel7 train attempt 1\nanother\n")
        await until(lambda: any("another" in line for line in log_lines(app)))
        assert log_lines(app) == ["  before", "▸ model7 train attempt 1", "  another"]


async def test_the_logs_of_all_attempts_are_reached(own: Fixture) -> None:
    own.begin("model2", "predict", started=3e9)
    app = dashboard(own.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_model(pilot, app, "model2", 49 * EPOCH_STEPS)
        view, log = app.run_screen.query_one(LogView), app.run_screen.query_one(Log)
        names = ["predict attempt 1, 1 of 3", "train attempt 2, 2 of 3", "train attempt 1, 3 of 3"]
        for name, line in zip([*names, names[0]], ["predict", "cleared", "train", "predict"],
                              strict=True):  # fmt: skip
            await until(lambda name=name: view.border_title == f"Log  model2 {name}")  # type: ignore[misc]
            assert line in log_lines(app)[-1]
            await pilot.press("L")
        await until(lambda: "2 of 3" in str(view.border_title))
        assert any("not markup" in line for line in log_lines(app))
        cleared = len(log_lines(app)), log._updates
        own.log("model2", f"{HOSTILE_LOG}\n\nmore\n", number=2)
        await until(lambda: log_lines(app)[-1:] == ["more"])
        assert (len(log_lines(app)) - 3, log._updates) == cleared  # nothing was written anew
        own.log("model2", "another\n", number=2)
        await until(lambda: log_lines(app) == ["another"])


def test_what_was_added_to_a_tail() -> None:
    assert added((), ("a",)) == ("a",)
    assert added(("a", "b"), ("a", "b")) == ()
    assert added(("a", "b"), ("a", "b", "c")) == ("c",)
    assert added(("a", "a", "b"), ("a", "b", "c")) == ("c",)
    assert added(("a", "b"), ("a", "x")) is None
    assert added(("a", "b"), ()) is None
