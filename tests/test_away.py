"""What is told of the time while the dashboard was closed, and how it opens as it was left."""

import json
import time
from pathlib import Path

import pytest
from dashboard_workspace import Fixture, empty_workspace
from driven import dashboard
from pilots import screen_text, until
from textual.pilot import Pilot

from cxrtui.screens import app as dashboard_app
from cxrtui.screens.app import Dashboard
from cxrtui.screens.away.box import AwayBox, news_text
from cxrtui.screens.away.file import AwayFile, Left
from cxrtui.screens.away.news import News, read_news
from cxrtui.screens.messages import AwayTold
from cxrtui.screens.run.charts import RunCharts
from cxrtui.screens.run.model_list import ModelList
from db.attempts import update_attempt
from db.records import Point
from db.since import AttemptMark, attempt_mark


def kept_dashboard(made: Fixture) -> Dashboard:
    return dashboard(made.workspace, kept=True)


async def leave(pilot: Pilot[None], app: Dashboard, made: Fixture) -> None:
    """Quit, and wait until the feed's thread has written when that was."""
    asked = time.time()
    await app.action_quit()
    await until(lambda: (AwayFile(made.workspace).before.time or 0) >= asked)


async def visit(made: Fixture, *keys: str) -> bool:
    """Open the dashboard, press keys, leave; whether it told that something had happened."""
    app = kept_dashboard(made)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.known.machine is not None)  # told after the news
        await until(lambda: app.run_screen.query_one(ModelList).selected is not None)
        told = isinstance(app.screen, AwayBox)
        if told:
            await pilot.press("enter")
        await pilot.press(*keys)
        await pilot.pause()
        await leave(pilot, app, made)
    return told


def end(made: Fixture, model: str, state: str, reason: str = "", job: str = "") -> None:
    attempt = attempt_of(made, model)
    with made.workspace.database.write() as connection:
        update_attempt(connection, attempt, state=state, ended=time.time(), reason=reason)
    made.set_state(model, job or state, reason)


def attempt_of(made: Fixture, model: str) -> int:
    from db.attempts import attempts_of

    with made.workspace.database.read() as connection:
        return attempts_of(connection, made.job(model).id)[-1].id


def news(made: Fixture, mark: AttemptMark) -> dict[str, tuple[str, str, int]]:
    with made.workspace.database.read() as connection:
        found = read_news(connection, mark)
    return {one.name: (one.state, one.reason, one.attempts) for one in found}


def mark_of(made: Fixture) -> AttemptMark:
    with made.workspace.database.read() as connection:
        return attempt_mark(connection)


def test_what_ended_since_is_told_once_and_by_what_became_of_it(own: Fixture) -> None:
    before = mark_of(own)
    assert before.alive == ("model2-train-2", "model7-train-1")
    assert news(own, before) == {}
    end(own, "model2", "interrupted", "the host went down", job="queued")
    own.set_state("model2", "running")
    own.begin("model2", started=3e9)
    end(own, "model7", "succeeded")
    own.end(own.begin("model5", started=3e9 + 1), "failed")
    assert news(own, before) == {
        "model2 train": ("retried", "the host went down", 3),
        "model7 train": ("succeeded", "", 1),
        "model5 train": ("failed", "the loss is not finite: step 361", 2),
    }
    after = mark_of(own)
    assert after.alive == ("model2-train-3",)
    assert news(own, after) == {}
    end(own, "model2", "stopped", job="paused")
    assert news(own, after) == {"model2 train": ("paused", "", 3)}


def test_the_best_val_map_is_told(own: Fixture) -> None:
    before = mark_of(own)
    own.add(Point(attempt_of(own, "model7"), "val", "map", 99_998, 5.0, 0.0, 0.4321))
    own.add(Point(attempt_of(own, "model7"), "val", "map", 99_999, 5.0, 0.0, None))
    end(own, "model7", "succeeded")
    with own.workspace.database.read() as connection:
        (one,) = read_news(connection, before)
    assert one.val_map == 0.4321


def test_the_worst_comes_first_and_predictions_are_gathered() -> None:
    found = [
        News("model0 predict", "predict", "succeeded", "", 1, None),
        News("model2 train", "train", "succeeded", "", 2, 0.302),
        News("[red]m\x1b train", "train", "failed", "bad\x1b[2J", 1, None),
        News("model1 predict", "predict", "succeeded", "", 1, None),
        News("model3 train", "train", "cancelled", "", 1, None),
    ]
    assert news_text(found).plain.splitlines() == [
        "✗ [red]m\N{REPLACEMENT CHARACTER} train  failed",
        "  bad\N{REPLACEMENT CHARACTER}[2J",
        "✓ model2 train  done  val mAP 0.302  2 attempts",
        "⏸ model3 train  cancelled",
        "✓ predicted  model0, model1",
    ]


async def test_the_next_start_tells_what_happened_and_only_then(own: Fixture) -> None:
    assert not await visit(own)
    end(own, "model7", "failed", "no room on disk")
    app = kept_dashboard(own)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: isinstance(app.screen, AwayBox))
        await pilot.pause()
        text = screen_text(app)
        assert "While you were away" in text
        assert "✗ model7 train  failed" in text
        assert "no room on disk" in text
        await pilot.press("enter")
        assert app.screen is app.run_screen
        await leave(pilot, app, own)
    assert not await visit(own)


async def test_the_box_waits_until_nobody_types(
    own: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = kept_dashboard(own)
    told = AwayTold((News("model0 train", "train", "failed", "", 1, None),), time.time())
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.known.machine is not None)
        monkeypatch.setattr(dashboard_app, "_QUIET_SECONDS", 60.0)
        await pilot.press("j")
        app.take_news(told)  # too soon after the key
        assert app.screen is app.run_screen
        monkeypatch.setattr(dashboard_app, "_QUIET_SECONDS", 0.01)
        for key, leave in (("question_mark", "escape"), ("slash", "escape")):
            await pilot.press(key)
            app.take_news(told)
            for _ in range(5):
                await pilot.pause(0.01)
                assert not isinstance(app.screen, AwayBox)
            await pilot.press(leave)
            await until(lambda: isinstance(app.screen, AwayBox))
            await pilot.press("enter")


async def test_the_dashboard_opens_as_it_was_left(own: Fixture) -> None:
    await visit(own, "j", "j", "s", "s", "x")
    app = kept_dashboard(own)
    async with app.run_test(size=(80, 24)) as pilot:
        models = app.run_screen.query_one(ModelList)
        await until(lambda: models.selected == "model2")
        assert app.run_screen.query_one(RunCharts).settings["smoothing"] == 2
        assert app.run_screen.query_one(RunCharts).axis == "steps"
        app.switch_screen("ensemble")
        await pilot.pause()
        await leave(pilot, app, own)
    app = kept_dashboard(own)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(lambda: app.screen is app.ensemble_screen)
        await until(lambda: app.known.overview is not None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        '{"version": 1, "ti',
        "[]",
        '{"version": 2, "time": 1.0}',
        '{"version": 1, "alive": "model2"}',
        '{"version": 1, "view": {"screen": ["run"]}}',
        '{"version": 1, "later": 1}',
        "\x00\xff",
    ],
)
def test_a_broken_file_is_as_none(tmp_path: Path, text: str) -> None:
    workspace = empty_workspace(tmp_path / "w")
    (tmp_path / "w" / "dashboard.json").write_bytes(text.encode("latin-1"))
    assert AwayFile(workspace).before == Left()


async def test_names_that_are_gone_restore_nothing(own: Fixture) -> None:
    view = {"screen": "elsewhere", "model": "model99", "smoothing": 99, "axis": "moons"}
    left = {"version": 1, "time": 5.0, "newest": 9e9, "view": view}
    (own.workspace.paths.root / "dashboard.json").write_text(json.dumps(left))
    app = kept_dashboard(own)
    async with app.run_test(size=(80, 24)):
        models = app.run_screen.query_one(ModelList)
        await until(lambda: models.selected == "model0")
        assert app.screen is app.run_screen
        assert app.run_screen.query_one(RunCharts).settings["smoothing"] == 0


def test_a_workspace_that_is_only_read_keeps_nothing(own: Fixture) -> None:
    own.workspace.database.can_write = False
    kept = AwayFile(own.workspace)
    kept.see(mark_of(own))
    kept.close()
    assert not (own.workspace.paths.root / "dashboard.json").exists()


def test_the_file_is_written_only_when_something_changed(own: Fixture) -> None:
    kept, path = AwayFile(own.workspace), own.workspace.paths.root / "dashboard.json"
    kept.see(mark_of(own))
    kept.view = {"screen": "run", "log_y": True}
    kept.save()
    assert not kept.is_unsaved
    path.unlink()
    kept.see(mark_of(own))
    kept.save()
    assert not path.exists()
    kept.close()
    before = AwayFile(own.workspace).before
    assert (before.mark, before.view) == (mark_of(own), {"screen": "run", "log_y": True})
