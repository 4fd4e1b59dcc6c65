"""A terminal that has been resized shows what one shows that has always been of that size."""

import json
import time
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from dashboard_workspace import Fixture
from driven import dashboard
from pilots import screen_text, until
from textual.strip import Strip

from cxrtui.screens.app import Dashboard
from jobs.gpus import TEST_VARIABLE

NARROW, MIDDLE, WIDE = (80, 24), (120, 40), (200, 60)
# By start size. What a screen of 200x60 has to look like costs an application more than it tells.
WALKS: Final = {MIDDLE: (), NARROW: (MIDDLE, WIDE, NARROW)}
KEYS: Final = {"run": "1", "queue": "2", "results": "3", "ensemble": "4", "images": "i"}
WORDS: Final = {  # that are on the whole of a screen
    "run": ("Val mAP  ━ model0", "Log  model0", "epochs"),
    "queue": ("20 jobs",),
    "results": ("Over the column before",),
    "ensemble": ("within noise", "tail 0."),
    "images": ("patient", "model0 on dev", "missing"),
}
DETAILS: Final = "priority 0"  # of a job, where the Queue screen has the room


async def test_a_resized_screen_looks_as_if_it_had_always_been_of_that_size(
    made: Fixture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = tmp_path / "gpus.json"
    told.write_text(json.dumps({"gpus": [], "trouble": "no answer"}))
    monkeypatch.setenv(TEST_VARIABLE, str(told))
    monkeypatch.setattr(time, "time", lambda: 1e9 + 15000)
    looks: dict[tuple[str, tuple[int, int]], list[Strip]] = {}
    for start, walk in WALKS.items():
        app = dashboard(made.workspace)
        async with app.run_test(size=start) as pilot:
            await until(partial(is_told, app))
            for screen, key in KEYS.items():
                await pilot.press(key)
                await until(partial(is_whole, app, screen))
                await pilot.pause()
                looks[screen, start] = look(app)
                for size in walk:
                    await pilot.resize_terminal(*size)
                    if size in WALKS:
                        await until(partial(looks_like, app, looks[screen, size]))
    assert len(looks) == len(KEYS) * len(WALKS)


def is_told(app: Dashboard) -> bool:
    known = app.known
    return None not in (known.overview, known.machine, known.end)


def is_whole(app: Dashboard, screen: str) -> bool:
    shown = screen_text(app)
    has_room = screen == "queue" and app.size != NARROW
    return all(word in shown for word in (*WORDS[screen], *([DETAILS] if has_room else [])))


def looks_like(app: Dashboard, wanted: list[Strip]) -> bool:
    return look(app) == wanted


def look(app: Dashboard) -> list[Strip]:
    """Characters and their styles."""
    return [strip.simplify() for strip in app.screen._compositor.render_strips()]
