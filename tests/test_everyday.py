"""The dashboard from day to day: any size, what is kept, and how fast a model goes."""

import pytest
from dashboard_workspace import EPOCH_STEPS, Fixture
from driven import SCREENS, dashboard, go, opened
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pilots import screen_text, until

from cxrtui.chart.widget import Chart
from cxrtui.screens.away.file import AwayFile, Setting
from cxrtui.screens.gpus.rows import machine_line
from cxrtui.screens.gpus.users import Machine
from cxrtui.screens.gpus.watch import Sample, UsedGpu
from cxrtui.screens.queue.view import SORTS, QueueView
from cxrtui.screens.run.charts import RunCharts
from cxrtui.screens.run.model_line import ModelLine
from cxrtui.screens.run.model_list import ModelList
from cxrtui.screens.run.speed import job_speeds
from db.attempts import update_attempt
from db.records import Point
from jobs.gpus import Gpu


async def test_the_size_changes_at_any_time(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        for key in SCREENS:
            await go(pilot, app, key)
            for width, height in ((20, 5), (111, 33), (60, 15)):
                await pilot.resize_terminal(width, height)
                await pilot.pause()
                lines = screen_text(app).splitlines()
                assert [len(line) for line in lines] == [width] * height
                assert width < 60 or "cxr-lt-2023" in lines[0]
            assert "? help" in lines[-1]
            assert sum("model" in line or "ung" in line for line in lines) >= 1


async def test_on_a_low_screen_the_charts_have_the_room(made: Fixture) -> None:
    app = dashboard(made.workspace)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        assert app.run_screen.query_one(RunCharts).size.height >= 16
        assert "Log  model0" in screen_text(app)
        await pilot.press("l")
        await pilot.pause()
        assert not app.run_screen.query_one(RunCharts).display


def test_all_gpus_in_one_line() -> None:
    gpus = [Gpu(n, f"GPU-{n}", "H100", 0, 80 << 30, (), 10 * n, 71, 320.0) for n in range(8)]
    gpus[3] = Gpu(3, "GPU-3", "H100", 0, 80 << 30, (), 0, 71, 320.0, fault="[b]Xid 79")
    machine = Machine(Sample(tuple(UsedGpu(gpu) for gpu in gpus)))
    line = machine_line(machine, 120).plain
    assert line.startswith("GPUs 0/8   0 0%  1 10%  2 20%  3 set aside  4 40%")
    assert machine_line(machine, 30).cell_len == 30
    silent = Machine(Sample(trouble="no answer"))
    assert machine_line(silent, 40).plain == "GPUs 0/1   NVML: no answer"


async def test_how_fast_the_selected_model_goes(own: Fixture) -> None:
    app = dashboard(own.workspace)
    async with app.run_test(size=(200, 60)) as pilot:
        await opened(pilot, app)
        app.go_to_model("model7")
        await until(lambda: app.run_screen.query_one(ModelList).selected == "model7")
        attempt = app.known.overview.model("model7").trainings[0]  # type: ignore[union-attr]
        step, since = 4 * EPOCH_STEPS, attempt.started + 600
        for name, value in (("images_per_second", 412.3), ("data_wait", 0.25)):
            own.add(Point(attempt.id, "train", name, step, 4.0, since, value))
        # Four epochs of thirty took ten minutes.
        said = (
            "model7  from model3  512 px, batch 48  412 img/s  ETA 1 h 05 m  waits 25% for images"
        )
        await until(lambda: said in screen_text(app))
        line = app.run_screen.query_one(ModelLine)
        await pilot.resize_terminal(80, 24)
        await until(lambda: "412 img/s  ETA 1 h 05 m" in str(line.content))
        assert "batch" not in str(line.content)
        own.set_state("model7", "paused", "as asked")
        await until(lambda: "paused as asked" in str(line.content))


def test_a_job_that_was_broken_off_counts_what_it_lost(own: Fixture) -> None:
    job = own.job("model2")
    with own.workspace.database.read() as connection:
        from db.attempts import attempts_of

        first, second = attempts_of(connection, job.id)
    with own.workspace.database.write() as connection:
        update_attempt(connection, first.id, ended=first.started + 100)
    own.add(Point(second.id, "train", "images_per_second", 1, 1.0, second.started + 90, 5.0))
    with own.workspace.database.read() as connection:
        (speed,) = (one for one in job_speeds(connection) if one.model == "model2")
    assert speed.seconds_left == pytest.approx(190 * 11 / 19)
    assert speed.waiting is None


async def test_zoomed_time_stays_where_it_was_when_its_unit_changes(own: Fixture) -> None:
    app = dashboard(own.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        app.go_to_model("model2")
        chart = app.run_screen.query_one("#loss", Chart)
        await until(lambda: bool(chart.lines) and chart.lines[0].y.size == 49 * EPOCH_STEPS)
        await pilot.press("x", "x", "x", "plus", "right")
        charts = app.run_screen.query_one(RunCharts)
        assert chart.lines[0].name == "model2 train"
        assert charts._drawn.unit == "minutes"
        low, high = chart._x_range
        attempt = app.known.overview.model("model2").trainings[1]  # type: ignore[union-attr]
        step = 19 * EPOCH_STEPS + 1
        own.add(Point(attempt.id, "train", "loss", step, step / EPOCH_STEPS, 1e9 + 2e4, 0.2))
        await until(lambda: charts._drawn.unit == "hours")
        assert chart._x_range == pytest.approx((low / 60, high / 60))
        assert charts.has_cursor


async def test_what_was_chosen_is_found_again(own: Fixture) -> None:
    app = dashboard(own.workspace, kept=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        await pilot.press("space", "j", "l")
        await go(pilot, app, "2")
        await pilot.press("o", "o", "f", "slash", *"model", "enter")
        await go(pilot, app, "4")
        await pilot.press("v", "space")
        await pilot.pause()
        run, queue = app.run_screen.settings, app.queue_screen.settings
        ensemble = app.ensemble_screen.settings
        await app.action_quit()
        await until(lambda: AwayFile(own.workspace).view.get("screen") == "ensemble")
    assert (run["overlays"], run["large_log"], run["model"]) == ("model0", True, "model1")
    assert queue == {"text": "model", "state": "running", "sort": "model", "is_reversed": False}
    app = dashboard(own.workspace, kept=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(lambda: app.screen is app.ensemble_screen)
        await until(lambda: app.run_screen.settings == run)
        assert app.ensemble_screen.settings == ensemble
        await go(pilot, app, "2")
        assert app.queue_screen.settings == queue
        assert {row.state for row in app.queue_screen.table.rows} == {"running"}
        await pilot.press("1")
        assert app.run_screen.has_class("-log")
        await pilot.press("l")
        loss = app.run_screen.query_one("#loss", Chart)
        await until(lambda: len(loss.lines) == 4)


values = st.one_of(st.text(max_size=5), st.integers(), st.floats(), st.booleans())


@given(st.dictionaries(st.sampled_from(["text", "state", "sort", "is_reversed"]), values))
@hypothesis_settings(max_examples=40, deadline=None)
def test_whatever_was_kept_is_a_view_of_the_queue(kept: dict[str, Setting]) -> None:
    view = QueueView()
    view.restore(kept)
    assert view.arrange([]) == []
    again = QueueView()
    again.restore(view.settings)
    assert again == view


async def test_a_view_of_a_later_version_breaks_nothing(own: Fixture) -> None:
    names = ["axis", "smoothing", "log_y", "model", "overlays", "large_log", "sort", "state",
             "members", "split", "view_rule", "averaging", "base", "frontal_weight"]  # fmt: skip
    strange: list[Setting] = [True, -1, 1e308, "\x1b]0;owned\x07 [red]", "inf=nan nan=-1 =="]
    app = dashboard(own.workspace, kept=True)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        for value in strange:
            view = {f"{screen}.{name}": value for screen in SCREENS.values() for name in names}
            app.kept_view._view = {**view, "screen": value, "theme": value, "later": 1}
            app.kept_view.restore()
            await pilot.pause()
            assert app.screen is app.run_screen
            assert app.run_screen.query_one(ModelList).selected == "model0"
            assert app.queue_screen.view.sort in SORTS
