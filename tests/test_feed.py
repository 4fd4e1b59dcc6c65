"""The feed: what is slow does not keep the news waiting, and what breaks is told."""

import threading
import time
from pathlib import Path

import pytest
from dashboard_workspace import Fixture, queued_workspace
from sqlalchemy import Connection
from textual.app import App
from textual.message import Message

from cxrtui.screens.app import Dashboard
from cxrtui.screens.feed import end_watch
from cxrtui.screens.feed.end_watch import EndWatch
from cxrtui.screens.feed.feed import Feed
from cxrtui.screens.feed.queue_end import QueueEnd
from cxrtui.screens.keys_first import KeysFirst
from cxrtui.screens.messages import EndChanged, FeedRead


class Posted(list[Message]):
    """What a feed has posted."""

    def wait(self, kind: type[Message], count: int = 1) -> None:
        deadline = time.monotonic() + 30
        while sum(isinstance(one, kind) for one in self) < count:
            assert time.monotonic() < deadline, f"no {kind.__name__}"
            time.sleep(0.01)


@pytest.fixture
def made(tmp_path: Path) -> Fixture:
    return queued_workspace(tmp_path / "w")


def test_news_come_while_the_end_of_the_queue_is_worked_out(
    made: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, done = threading.Event(), threading.Event()

    def slow(*_: object) -> QueueEnd:
        begun.set()
        assert done.wait(30)
        return QueueEnd(60.0, 0.0)

    monkeypatch.setattr(end_watch, "read_queue_end", slow)
    posted = Posted()
    feed = Feed(made.workspace, "cxr-lt-2023", posted.append)
    thread = threading.Thread(target=feed.run)
    thread.start()
    try:
        posted.wait(FeedRead)
        assert begun.wait(30)
        made.set_state("model0", "failed")
        posted.wait(FeedRead, 2)
        assert not any(isinstance(one, EndChanged) for one in posted)
        done.set()
        posted.wait(EndChanged)
    finally:
        done.set()
        feed.stop()
        thread.join()


def test_the_end_is_told_when_the_database_can_be_read_again(
    made: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(end_watch, "_PACE_SECONDS", 0.0)
    monkeypatch.setattr(end_watch, "_LOOK_SECONDS", 0.01)
    with made.workspace.database.write() as connection:
        connection.exec_driver_sql("ALTER TABLE job RENAME TO elsewhere")
    posted = Posted()
    watch = EndWatch(made.workspace, posted.append, KeysFirst())
    watch.start()
    watch.change({"network": 1, "pack": 1})
    try:
        with made.workspace.database.write() as connection:
            connection.exec_driver_sql("ALTER TABLE elsewhere RENAME TO job")
        posted.wait(EndChanged)
    finally:
        watch.stop()


async def test_the_process_stops_between_two_reads(
    made: Fixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    app, held, look = Dashboard(made.workspace, "cxr-lt-2023", watch_only=True), [], Feed._look

    def seen(feed: Feed, connection: Connection) -> None:
        held.append(feed.reading.locked())
        look(feed, connection)

    def stop(_: Dashboard) -> None:
        assert not app.feed.reading.acquire(blocking=False)
        held.append(True)

    monkeypatch.setattr(Feed, "_look", seen)
    monkeypatch.setattr(App, "action_suspend_process", stop)
    async with app.run_test() as pilot:
        while app.known.overview is None:
            await pilot.pause(0.01)
        before = len(held)
        await pilot.press("ctrl+z")
    assert len(held) > before
    assert all(held)
