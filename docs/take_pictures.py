"""Pictures of the dashboard on a finished workspace, for the README: `make pictures`.

`python docs/take_pictures.py WORKSPACE FOLDER` opens the real application on the workspace, presses
keys as a person would, and saves what it shows as SVG.
"""

import argparse
import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from cxrtui.screens.app import Dashboard
from cxrtui.screens.images.screen import ImagesScreen
from cxrtui.screens.run.model_list import ModelList
from jobs.recipe.load import load_recipe
from jobs.workspace import open_workspace

SIZE = (120, 36)
WAIT_SECONDS = 60.0
# The fonts that the template would fetch; without them the viewer has its own.
FONTS = re.compile(r"\s*@font-face \{.*?\}\n", re.DOTALL)


@dataclass(frozen=True)
class Picture:
    """A name, keys that lead to what it shows, and how to know that all of it is there."""

    name: str
    keys: Sequence[str]
    is_there: Callable[[Dashboard], bool]


def has_curves(app: Dashboard) -> bool:
    """Whether the selected lineage is drawn."""
    models = app.run_screen.query_one(ModelList)
    return models.selected is not None and app.known.machine is not None


def has_intervals(app: Dashboard) -> bool:
    """Whether the ensemble's intervals have been worked out."""
    return bool(app.ensemble_screen.picks.confidence)


PICTURES = (
    Picture("run", ["1", "end", "space", "up", "space", "up", "s"], has_curves),
    Picture("queue", ["2"], lambda app: app.known.overview is not None),
    Picture("results", ["3"], lambda app: app.results_screen.drawn is not None),
    Picture("ensemble", ["4"], has_intervals),
    Picture("images", ["i"], lambda app: isinstance(app.screen, ImagesScreen) and app.screen.drawn),
)


async def take(workspace: Path, folder: Path) -> None:
    """Save all pictures."""
    opened = open_workspace(workspace)
    recipe = load_recipe(opened.settings.recipe).recipe.name
    app = Dashboard(opened, recipe, watch_only=True)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(app.known.overview))
        for picture in PICTURES:
            await pilot.press(*picture.keys)
            await until(pilot, lambda picture=picture: picture.is_there(app))
            path = folder / f"{picture.name}.svg"
            path.write_text(FONTS.sub("", app.export_screenshot(title="cxrtui")))
            print(path)


async def until(pilot: Pilot[Any], is_there: Callable[[], bool]) -> None:
    """Wait for what threads bring about."""
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
