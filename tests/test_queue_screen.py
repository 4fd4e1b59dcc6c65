"""The Queue screen on a real workspace: what it shows, and what its keys put into the journal."""

import asyncio
import json
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dashboard_workspace import Fixture, empty_workspace
from idle_queue import make_idle_queue
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input, Static
from textual.widgets._toast import Toast

from cxrtui.lineages.overview import read_overview
from cxrtui.screens.app import Dashboard
from cxrtui.screens.dialog import DialogApp
from cxrtui.screens.known import Known
from cxrtui.screens.queue.actions import QueueActions
from cxrtui.screens.queue.add import AddDialog
from cxrtui.screens.queue.confirm import ConfirmDialog
from cxrtui.screens.queue.loss import loss_of
from cxrtui.screens.queue.rows import QueueRow, RowReader
from cxrtui.screens.queue.screen import QueueScreen
from cxrtui.screens.queue.view import SORTS, QueueView
from db.journal_state import is_frozen
from jobs.queue.journal import record
from jobs.queue.verbs import GIVE_UP
from jobs.workspace import Workspace


class Shown(DialogApp[None]):
    """The Queue screen without the other screens."""

    CSS = Dashboard.CSS

    def __init__(self, workspace: Workspace, *, watch_only: bool = True) -> None:
        super().__init__()
        self.workspace = workspace
        self.known = Known("cxr-lt-2023", workspace.paths.root, watch_only)
        self.queue = QueueScreen(self.known, workspace)

    def on_mount(self) -> None:
        self.look()
        self.push_screen(self.queue)

    def look(self) -> None:
        """What the feed does when the database has changed."""
        with self.workspace.database.read() as connection:
            self.known.overview = read_overview(connection, self.known.recipe)

    @property
    def row(self) -> QueueRow:
        row = self.queue.table.row
        assert row is not None
        return row

    def names(self) -> list[str]:
        return [row.name for row in self.queue.table.rows]

    def text(self) -> str:
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())

    def told(self) -> str:
        return "\n".join(one.message for one in self._notifications)


async def until(pilot: Pilot[None], true: Callable[[], bool]) -> None:
    """Wait for a condition that other threads bring about."""
    deadline = time.monotonic() + 12
    while not true():
        assert time.monotonic() < deadline, "it did not become true"
        await asyncio.sleep(0.02)


async def open_queue(pilot: Pilot[None], app: Shown, name: str = "") -> None:
    """Go to the Queue screen, and there to a job."""
    await until(pilot, lambda: app.queue.rows is not None)
    if name:
        app.queue.table.cursor = app.names().index(name)
        await pilot.pause()


async def type_words(pilot: Pilot[None], app: Shown, words: str) -> None:
    """Filter, all but the last key at once."""
    await pilot.press("slash")
    app.queue.query_one("#filter", Input).value = words[:-1]
    await pilot.press("end", words[-1])


def journal(workspace: Workspace) -> list[dict[str, Any]]:
    return [json.loads(line) for line in workspace.paths.journal.read_text().splitlines()]


def asked(workspace: Workspace) -> tuple[str, list[str], int | None]:
    """The last request in the journal."""
    entry = journal(workspace)[-1]
    assert entry["kind"] == "request"
    return entry["verb"], entry["keys"], entry["value"]


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_all_jobs_are_shown_at_all_sizes(made: Fixture, size: tuple[int, int]) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=size) as pilot:
        await open_queue(pilot, app, "model5 train")
        assert app.names()[:5] == ["512px pack", "384px pack", "320px pack", "224px pack",
                                   "model0 train"]  # fmt: skip
        await pilot.pause()
        line = next(one for one in app.text().splitlines() if "30%" in one)
        for said in ("10", "model5", "train", "✗ failed", "the loss is"):
            assert said in line
        if size == (80, 24):
            assert not app.queue.details.display
            await pilot.press("enter")
        await until(pilot, lambda: "max_lr 0.001" in app.text())
        assert "model5 train  #10" in app.text()
        await pilot.press("enter")
        await pilot.pause()
        assert app.queue.table.display
        assert not app.queue.details.display


async def test_words_and_states_filter(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_queue(pilot, app)
        everything = app.names()
        await type_words(pilot, app, "PREDICT model2")
        assert app.names() == ["model2 predict"]
        await until(pilot, lambda: "⏎ keep" in app.text().splitlines()[-1])
        keys = app.text().splitlines()[-1]
        assert "esc all jobs" in keys
        assert not any(f" {key} " in keys for key in "/+-*acr")
        await pilot.press("enter", "j")  # a key of the table again
        assert app.names() == ["model2 predict"]
        await pilot.press("escape")
        assert app.names() == everything
        shown = []
        for _ in range(6):
            await pilot.press("f")
            shown.append((app.queue.view.state, {row.state for row in app.queue.table.rows}))
        assert shown == [
            *((state, {state}) for state in ("running", "queued", "blocked", "failed")),
            ("succeeded", {"succeeded"}),
            ("", {row.state for row in app.queue.rows or ()}),
        ]
        await type_words(pilot, app, "nothing like it")
        await pilot.press("enter")
        assert "Esc shows all" in app.text()
        await pilot.press("c", "p", "enter", "space", "G")  # nothing to do anything to


async def test_a_click_on_a_heading_sorts_and_on_a_row_selects(made: Fixture) -> None:
    app = Shown(made.workspace)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_queue(pilot, app, "model7 train")
        turn, table = app.names(), app.queue.table
        (model,) = [column for column in table._columns if column.title == "model"]
        await pilot.click(table, offset=(model.x + 1, 1))
        assert app.names() == sorted(
            turn, key=lambda name: (name.split()[0].zfill(9), turn.index(name))
        )
        assert app.row.name == "model7 train"  # the cursor stays on its job
        by_model = app.names()
        await pilot.click(table, offset=(model.x + 1, 1))
        assert [name.split()[0] for name in app.names()] == [
            name.split()[0] for name in reversed(by_model)
        ]
        await pilot.click(table, offset=(model.x + 1, 1))
        assert app.names() == turn
        await pilot.press("home")
        await pilot.click(table, offset=(10, 4))
        assert app.row.name == turn[2]
        assert not table.marked
        await pilot.click(table, offset=(1, 5))
        assert table.marked == {table.rows[3].id}
        assert "1 marked" in app.text()


async def test_every_sort_is_that_of_its_column(made: Fixture) -> None:
    with made.workspace.database.read() as connection:
        rows = list(RowReader().read(connection))
    rows += [replace(rows[0], id=90 + n, model=f"model{n}", priority=n % 3) for n in (10, 9, 100)]
    view, seen = QueueView(), []
    for _ in SORTS:
        view.next_sort()
        arranged = view.arrange(rows)
        assert sorted(row.id for row in arranged) == sorted(row.id for row in rows)
        seen.append(view.sort)
        if view.sort == "model":
            assert [row.model for row in arranged[-3:]] == ["model9", "model10", "model100"]
        if view.sort in ("done", "took", "tries", "prio"):
            values = [SORTS[view.sort](row, time.time())[0] for row in arranged]
            assert values == sorted(values, reverse=True)
    assert set(seen) == set(SORTS)
    assert view.sort == "turn"
    assert [row.id for row in view.arrange(rows)[:2]] == [100, 190]  # of priority 1


async def test_states_change_without_a_key_and_the_cursor_stays(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(200, 40)) as pilot:
        await open_queue(pilot, app, "model7 train")
        own.set_state("model7", "paused")
        await until(pilot, lambda: app.row.state == "paused")
        first = own.job("model7")
        with own.workspace.database.write() as connection:
            connection.exec_driver_sql(f"UPDATE job SET priority = 5 WHERE id = {first.id}")
        await until(pilot, lambda: app.names()[0] == "model7 train")
        assert app.row.name == "model7 train"
        own.set_state("model5", "failed", "bad \x1b[1m\x9b2J [b]no[/b]\nend")
        app.queue.table.cursor = app.names().index("model5 train")
        await until(pilot, lambda: "[b]no[/b] end" in app.text())
        assert not {"\x1b", "\x9b"} & set(app.text())
        attempt = own.begin("model5")
        own.set_state("model5", "running")
        await until(pilot, lambda: (app.row.state, app.row.attempts) == ("running", 2))
        own.end(attempt, "succeeded")


async def test_what_was_read_again_is_what_is_read_anew(own: Fixture) -> None:
    reader = RowReader()
    with own.workspace.database.read() as connection:
        first = reader.read(connection)
        own.set_state("model2", "held")
        keys = [own.job("model7").key, own.job("model3").key]
        request = {"kind": "request", "verb": "cancel", "keys": keys, "value": None}
        record(own.workspace, request)
        again = reader.read(connection)
        assert again == RowReader().read(connection)
    assert [row.id for row in again] == [row.id for row in first]
    changed = {row.name: row for row, before in zip(again, first, strict=True) if row != before}
    assert set(changed) == {"model2 train", "model7 train"}  # what has succeeded stays so
    assert (changed["model7 train"].state, changed["model7 train"].why) == (
        "running", "is to be cancelled",
    )  # fmt: skip


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
            await until(pilot, lambda told=f"{verb}: {job}": told in app.told())
            assert asked(own.workspace) == (verb, [own.job(*job.split()).key], None)
            entries = len(journal(own.workspace))
            await until(
                pilot, lambda state=state: app.row.state != state or "is to be" in app.row.why
            )
            await pilot.press(key)  # it changes nothing any more
            await until(pilot, lambda verb=verb: f"nothing to {verb}" in app.told())
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
        await until(pilot, lambda: len(app.screen.query(Toast)) >= 5)
        await pilot.pause()
        assert re.search("╭─ Sure[?] ─+╮", app.text())
        await pilot.press("y")
        await until(pilot, lambda: "cancel: model7 train" in app.told())
        assert asked(own.workspace) == ("cancel", [own.job("model7").key], None)
        app.queue.table.cursor = app.names().index("model3 train")
        await pilot.press("r")
        assert "Run 1 job again that has succeeded?" in app.text()
        await pilot.click("#yes")
        await until(pilot, lambda: "retry: model3 train" in app.told())
        assert asked(own.workspace) == ("retry", [own.job("model3").key], None)
        await pilot.press("X")
        assert isinstance(app.screen, ConfirmDialog)
        await pilot.press("y")
        await until(pilot, lambda: "not on a host that cannot be seen" in app.told())
    assert loss_of(GIVE_UP, (), 0.0) is None


async def test_marked_jobs_are_asked_together(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await open_queue(pilot, app, "model2 predict")
        await pilot.press("space")
        app.queue.table.cursor = app.names().index("model7 predict")
        await pilot.press("space", "home", "plus")
        keys = [own.job(name, "predict").key for name in ("model2", "model7")]
        await until(pilot, lambda: journal(own.workspace)[-1]["kind"] == "request")
        assert asked(own.workspace) == ("priority", keys, 1)
        await until(pilot, lambda: app.names()[:2] == ["model2 predict", "model7 predict"])
        await pilot.press("minus", "minus")
        await until(pilot, lambda: asked(own.workspace) == ("priority", keys, -1))
        await until(pilot, lambda: app.names()[-2:] == ["model2 predict", "model7 predict"])
        await pilot.press("h")
        await until(pilot, lambda: asked(own.workspace) == ("hold", keys, None))
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
            await until(pilot, lambda told=told: told in app.told())
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
        await until(pilot, lambda: "this line is not JSON" in app.told())
        with own.workspace.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE attempt RENAME TO elsewhere")
        await until(pilot, lambda: "no such table" in app.told())
        with own.workspace.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO attempt")
        own.set_state("model2", "held")
        await until(pilot, lambda: any(row.state == "held" for row in app.queue.rows or ()))


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
        await until(pilot, lambda: isinstance(app.screen, AddDialog))
        said = app.screen.query_one("#advice", Static)
        await until(pilot, lambda: "all" in str(said.content))
        await pilot.press("x")
        await until(pilot, lambda: "has no 'x'" in str(said.content))
        await pilot.press("enter", "backspace", "b")
        await until(pilot, lambda: "4 jobs to run: Enter queues" in str(said.content))
        assert not queue.paths.journal.exists()
        await until(pilot, lambda: "not run yet with these settings" in app.text())
        await pilot.click("#alone")
        await until(pilot, lambda: "is not in the queue: add it too" in str(said.content))
        await pilot.press("space", "shift+tab", "5")
        await until(pilot, lambda: "4 jobs to run: Enter queues" in str(said.content))
        await pilot.press("enter")
        await until(pilot, lambda: "4 jobs to run" in app.told())
        await until(pilot, lambda: len(app.names()) == 4)
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
        await until(pilot, lambda: "needs a data folder" in app.text())
        await pilot.press("enter", "escape")
        assert app.screen is app.queue


async def test_keys_that_come_at_once_reach_the_dialog_that_the_first_opens(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await open_queue(pilot, app, "model7 train")
        burst(app, "a", *"stage3 -1+/")
        await until(pilot, lambda: isinstance(app.screen, AddDialog))
        typed = app.screen.query_one("#targets", Input)
        await until(pilot, lambda: typed.value == "stage3 -1+/")
        assert len(app.screen_stack) == 3
        await pilot.press("escape")
        burst(app, "c", "y")
        await until(pilot, lambda: "cancel: model7 train" in app.told())
        burst(app, "slash", *"model2")
        await until(pilot, lambda: set(app.names()) == {"model2 train", "model2 predict"})


def burst(app: Shown, *keys: str) -> None:
    """Keys that arrive in one piece, as over ssh."""
    for key in keys:
        app.post_message(events.Key(key, "/" if key == "slash" else key))


async def test_of_thousands_of_jobs_only_those_seen_are_drawn(
    own: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with own.workspace.database.write() as connection:
        connection.exec_driver_sql(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000) "
            "INSERT INTO job (key, kind, recipe, stage, model, folder, needs, priority, state,"
            " reason, queued, spec) SELECT 'k' || i, 'train', 'r', 'stage9', 'copy' || i, 'f' || i,"
            " '[]', 0, 'queued', 'waits', 1e9, (SELECT spec FROM job WHERE kind = 'train') FROM n"
        )
    app, drawn = Shown(own.workspace), set[int]()
    async with app.run_test(size=(80, 24)) as pilot:
        await open_queue(pilot, app)
        table = app.queue.table
        original = table._row_strip
        monkeypatch.setattr(
            table, "_row_strip", lambda row, **how: drawn.add(row.id) or original(row, **how)
        )
        await pilot.press("end")
        await pilot.pause()
        assert "copy3000" in app.text()
        assert table.scroll_offset.y == 3_020 - (table.size.height - 1)
        assert len(drawn) <= 2 * table.size.height
        await type_words(pilot, app, "copy77")
        assert len(table.rows) == 11
