"""Pictures of the dashboard on a finished workspace, for the README: `make pictures`.

`python docs/take_pictures.py WORKSPACE FOLDER` opens the real application on the workspace, presses
keys as a person would, and saves what it shows as SVG.
"""

import argparse
import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from cxrtui.screens.app import Dashboard
from jobs.recipe.load import load_recipe
from jobs.workspace import open_workspace

SIZE = (120, 40)
WAIT_SECONDS = 60.0
# The fonts that the template would fetch; without them the viewer has its own.
FONTS = re.compile(r"\s*@font-face \{.*?\}\n", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """A name, keys that lead to what it shows, and words that are on the whole of it."""

    name: str
    keys: Sequence[str]
    words: Sequence[str]


PICTURES = (
    Picture("run", ["1", "end", "space", "up", "space", "up", "s"], ["model4", "epochs", "EMA"]),
    Picture("queue", ["2"], ["jobs", "succeeded"]),
    Picture("results", ["3"], ["Over the column before"]),
    Picture("ensemble", ["4"], ["within noise", "interval", "medium 0."]),
    Picture("images", ["i"], ["patient", "▀▀▀▀"]),
)


async def take(workspace: Path, folder: Path) -> None:
    """Save all pictures."""
    opened = open_workspace(workspace)
    recipe = load_recipe(opened.settings.recipe).recipe.name
    app = Dashboard(opened, recipe, watch_only=True)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(app.known.overview and app.known.machine))
        for picture in PICTURES:
            for key in picture.keys:
                await pilot.press(key)
                await pilot.pause()
            await until(pilot, partial(shows, app, picture.words))
            path = folder / f"{picture.name}.svg"
            path.write_text(FONTS.sub("", app.export_screenshot(title="cxrtui")))
            print(path)


def shows(app: Dashboard, words: Sequence[str]) -> bool:
    """Whether all the words can be read on the screen."""
    read = "\n".join(strip.text for strip in app.screen._compositor.render_strips())
    return all(word in read for word in words)


async def until(pilot: Pilot[Any], is_there: Callable[[], bool]) -> None:
    """Wait for what threads and the scoring process bring about."""
    async with asyncio.timeout(WAIT_SECONDS):
        while not is_there():
            await pilot.pause(0.05)
    await pilot.pause()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("folder", type=Path)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(asked.workspace, asked.folder))
