"""What all tests do that drive an application through Textual's pilot."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from textual._context import visible_screen_stack
from textual.app import App

_LONG_ENOUGH = 60.0  # seconds after which what is waited for will not come any more
_LOOK = 0.02  # seconds between two looks


async def until(true: Callable[[], object]) -> None:
    """Wait for a condition that other threads bring about."""
    deadline = time.monotonic() + _LONG_ENOUGH
    while not true():
        assert time.monotonic() < deadline, "it did not become true"
        await asyncio.sleep(_LOOK)


def screen_text(app: App[Any]) -> str:
    """All that is on the screen."""
    visible_screen_stack.set(app._background_screens)  # what a dialog is drawn over, and keeps
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())
