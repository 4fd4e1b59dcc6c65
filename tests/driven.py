"""What tests do with a dashboard that they drive through Textual's pilot."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.pilot import Pilot

from cxrtui.screens.app import Dashboard

SCREENS = {"1": "run", "2": "queue", "3": "results", "4": "ensemble"}


def screen_text(app: App[Any]) -> str:
    """All that is on the screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[Any], true: Callable[[], bool]) -> None:
    """Wait for a condition that other threads bring about."""
    deadline = time.monotonic() + 20
    while not true():
        assert time.monotonic() < deadline, "it did not become true"
        await asyncio.sleep(0.02)  # a pause of the pilot asks every widget, which takes longer


async def opened(pilot: Pilot[Any], app: Dashboard) -> None:
    """Wait until the feed has told everything once."""
    await until(pilot, lambda: app.known.overview is not None and app.known.machine is not None)
    await pilot.pause()


async def go(pilot: Pilot[Any], app: Dashboard, key: str) -> None:
    """Go to a screen, and wait until it shows what there is."""
    await pilot.press(key)
    shows = {
        "1": lambda: app.run_screen.is_current,
        "2": lambda: app.queue_screen.rows is not None,
        "3": lambda: app.results_screen.drawn is not None,
        "4": lambda: len(app.ensemble_screen.picks.scores) >= 6,
    }
    await until(pilot, shows[key])
    await pilot.pause()
