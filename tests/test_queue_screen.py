"""The Queue screen on a real workspace: what it shows."""

from dataclasses import replace

import pytest
from dashboard_workspace import Fixture
from pilots import until
from queue_app import Shown, open_queue, type_words

from cxrtui.screens.queue.rows import RowReader
from cxrtui.screens.queue.view import SORTS, QueueView
from jobs.queue.journal import record


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
        await until(lambda: "max_lr 0.001" in app.text())
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
        await until(lambda: "⏎ keep" in app.text().splitlines()[-1])
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
            values = [SORTS[view.sort](row)[0] for row in arranged]
            assert values == sorted(values, reverse=True)
    assert set(seen) == set(SORTS)
    assert view.sort == "turn"
    assert [row.id for row in view.arrange(rows)[:2]] == [100, 190]  # of priority 1


async def test_states_change_without_a_key_and_the_cursor_stays(own: Fixture) -> None:
    app = Shown(own.workspace)
    async with app.run_test(size=(200, 40)) as pilot:
        await open_queue(pilot, app, "model7 train")
        own.set_state("model7", "paused")
        await until(lambda: app.row.state == "paused")
        first = own.job("model7")
        with own.workspace.database.write() as connection:
            connection.exec_driver_sql(f"UPDATE job SET priority = 5 WHERE id = {first.id}")
        await until(lambda: app.names()[0] == "model7 train")
        assert app.row.name == "model7 train"
        own.set_state("model5", "failed", "bad \x1b[1m\x9b2J [b]no[/b]\nend")
        app.queue.table.cursor = app.names().index("model5 train")
        await until(lambda: "[b]no[/b] end" in app.text())
        assert not {"\x1b", "\x9b"} & set(app.text())
        attempt = own.begin("model5")
        own.set_state("model5", "running")
        await until(lambda: (app.row.state, app.row.attempts) == ("running", 2))
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
        await until(lambda: "copy3000" in app.text())
        assert table.scroll_offset.y == 3_020 - (table.size.height - 1)
        assert len(drawn) <= 2 * table.size.height
        await type_words(pilot, app, "copy77")
        assert len(table.rows) == 11
