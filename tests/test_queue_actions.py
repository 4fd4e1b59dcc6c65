"""What the keys of the Queue screen put into the journal."""

import re
from pathlib import Path

import pytest
from dashboard_workspace import Fixture, empty_workspace
from idle_queue import make_idle_queue
from pilots import until
from queue_app import Shown, asked, journal, open_queue, type_words
from textual import events
from textual.widgets import Input, Static
from textual.widgets._toast import Toast

from cxrtui.screens.queue.actions import QueueActions
from cxrtui.screens.queue.add import AddDialog
from cxrtui.screens.queue.confirm import ConfirmDialog
from cxrtui.screens.queue.loss import loss_of
from db.journal_state import is_frozen
from jobs.queue.journal import record
from jobs.queue.verbs import GIVE_UP


async def test_each_verb_is_asked_as_the_command_does(own: Fixture) -> None:
    cases = [
        ("c", "cancel", "model5 predict", "blocked"),
        ("p", "pause", "model7 train", "running"),
        ("P", "resume", "model2 predict", "paused"),
        ("h", "hold", "model2 train", "running"),
        ("H", "release", "model7 predict", "held"),
        ("r", "retry", "model5 train", "failed"),
    ]
    for verb, name in (("pause", "model2"), ("hold", "model7")):
        keys = [own.job(name, "predict").key]
        record(own.workspace, {"kind": "request", "verb": verb, "keys": keys, "value": None})
    app = Shown(own.workspace)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await open_queue(pilot, app)
        for key, verb, job, state in cases:
            app.queue.table.cursor = app.names().index(job)
            assert app.row.state == state
            await pilot.press(key)
            await until(lambda told=f"{verb}: {job}": told in app.told())
            assert asked(own.workspace) == (verb, [own.job(*job.split()).key], None)
            entries = len(journal(own.workspace))
            await until(lambda state=state: app.row.state != state or "is to be" in app.row.why)
            await pilot.press(key)  # it changes nothing any more
            await until(lambda verb=verb: f"nothing to {verb}" in app.told())
            assert len(journal(own.workspace)) == entries


async def test_who_would_lose_something_is_asked(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_queue(pilot, app, "model7 train")
        before = own.workspace.paths.journal.read_bytes()
        for answer in ("escape", "n", "enter"):
            await pilot.press("c")
            assert isinstance(app.screen, ConfirmDialog)
            assert "Cancel 1 job while it runs?" in app.text()
            await pilot.press(answer)
            assert app.screen is app.queue
        assert own.workspace.paths.journal.read_bytes() == before
        for _ in range(5):
            app.notify("in the way")
        await pilot.press("c")
        await until(lambda: len(app.screen.query(Toast)) >= 5)
        await pilot.pause()
        assert re.search("╭─ Sure[?] ─+╮", app.text())
        await pilot.press("y")
        await until(lambda: "cancel: model7 train" in app.told())
        assert asked(own.workspace) == ("cancel", [own.job("model7").key], None)
        app.queue.table.cursor = app.names().index("model3 train")
        await pilot.press("r")
        assert "Run 1 job again that has succeeded?" in app.text()
        await pilot.click("#yes")
        await until(lambda: "retry: model3 train" in app.told())
        assert asked(own.workspace) == ("retry", [own.job("model3").key], None)
        await pilot.press("X")
        assert isinstance(app.screen, ConfirmDialog)
        await pilot.press("y")
        await until(lambda: "not on a host that cannot be seen" in app.told())
    assert loss_of(GIVE_UP, (), 0.0) is None


async def test_marked_jobs_are_asked_together(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await open_queue(pilot, app, "model2 predict")
        await pilot.press("space")
        app.queue.table.cursor = app.names().index("model7 predict")
        await pilot.press("space", "home", "plus")
        keys = [own.job(name, "predict").key for name in ("model2", "model7")]
        await until(lambda: journal(own.workspace)[-1]["kind"] == "request")
        assert asked(own.workspace) == ("priority", keys, 1)
        await until(lambda: app.names()[:2] == ["model2 predict", "model7 predict"])
        await pilot.press("minus", "minus")
        await until(lambda: asked(own.workspace) == ("priority", keys, -1))
        await until(lambda: app.names()[-2:] == ["model2 predict", "model7 predict"])
        await pilot.press("h")
        await until(lambda: asked(own.workspace) == ("hold", keys, None))
        assert not app.queue.table.marked
        await type_words(pilot, app, "predict")
        await pilot.press("enter", "asterisk")
        assert len(app.queue.table.marked) == 8
        await pilot.press("asterisk", "space", "escape", "escape")
        assert not app.queue.table.marked


async def test_the_queue_is_frozen_and_thawed(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_queue(pilot, app)
        for frozen in (True, False):
            await pilot.press("z")
            told = "frozen: nothing new starts" if frozen else "thawed"
            await until(lambda told=told: told in app.told())
            with own.workspace.database.read() as connection:
                assert is_frozen(connection) == frozen
            app.look()


async def test_what_cannot_be_done_is_told(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await open_queue(pilot, app, "model2 predict")
        with own.workspace.paths.journal.open("a") as file:
            file.write("damaged\n")
        await pilot.press("h")
        await until(lambda: "this line is not JSON" in app.told())
        with own.workspace.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE attempt RENAME TO elsewhere")
        await until(lambda: "no such table" in app.told())
        with own.workspace.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO attempt")
        own.set_state("model2", "held")
        await until(lambda: any(row.state == "held" for row in app.queue.rows or ()))


async def test_targets_are_added_with_a_plan(
    workspace: Path,
    chain: Path,
    data_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    queue = make_idle_queue(workspace, chain, data_folder, monkeypatch)
    ensured: list[Path] = []
    monkeypatch.setattr(
        "cxrtui.screens.queue.actions.ensure_supervisor", lambda paths: ensured.append(paths.root)
    )
    app = Shown(queue.workspace, watch_only=False)
    async with app.run_test(size=(100, 30), notifications=True) as pilot:
        await open_queue(pilot, app)
        assert "a adds jobs" in app.text()
        await pilot.press("a")
        await until(lambda: isinstance(app.screen, AddDialog))
        said = app.screen.query_one("#advice", Static)
        await until(lambda: "all" in str(said.content))
        await pilot.press("x")
        await until(lambda: "has no 'x'" in str(said.content))
        await pilot.press("enter", "backspace", "b")
        await until(lambda: "4 jobs to run: Enter queues" in str(said.content))
        assert not queue.paths.journal.exists()
        await until(lambda: "not run yet with these settings" in app.text())
        await pilot.click("#alone")
        await until(lambda: "is not in the queue: add it too" in str(said.content))
        await pilot.press("space", "shift+tab", "5")
        await until(lambda: "4 jobs to run: Enter queues" in str(said.content))
        await pilot.press("enter")
        await until(lambda: "4 jobs to run" in app.told())
        await until(lambda: len(app.names()) == 4)
        assert set(app.names()) == set(queue.jobs())
        kinds = [entry["kind"] for entry in journal(queue.workspace)]
        assert kinds == ["recipe", "add", "request"]
        assert asked(queue.workspace) == ("priority", [job.key for job in queue.jobs().values()], 5)
        assert {job.priority for job in queue.jobs().values()} == {5}
        assert ensured == [queue.paths.root]
        QueueActions(queue.workspace, watch_only=True).freeze(frozen=False)
        assert ensured == [queue.paths.root]
        await pilot.press("a", "a", "escape")
        assert app.screen is app.queue


async def test_without_data_nothing_can_be_added_and_that_is_said(tmp_path: Path) -> None:
    app = Shown(empty_workspace(tmp_path / "w"))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_queue(pilot, app)
        await pilot.press("a")
        await until(lambda: "needs a data folder" in app.text())
        await pilot.press("enter", "escape")
        assert app.screen is app.queue


async def test_keys_that_come_at_once_reach_the_dialog_that_the_first_opens(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_queue(pilot, app, "model7 train")
        burst(app, "a", *"stage3 -1+/")
        await until(lambda: isinstance(app.screen, AddDialog))
        typed = app.screen.query_one("#targets", Input)
        await until(lambda: typed.value == "stage3 -1+/")
        assert len(app.screen_stack) == 3
        await pilot.press("escape")
        burst(app, "c", "y")
        await until(lambda: "cancel: model7 train" in app.told())
        burst(app, "slash", *"model2")
        await until(lambda: set(app.names()) == {"model2 train", "model2 predict"})


def burst(app: Shown, *keys: str) -> None:
    """Keys that arrive in one piece, as over ssh."""
    for key in keys:
        app.post_message(events.Key(key, "/" if key == "slash" else key))
