"""An application of nothing but the Images screen, for tests that drive it."""

from pathlib import Path
from typing import Any

import numpy as np
from pilots import until
from results_app import NAME
from rich.color import Color
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Static

from cxrtui.screens.app import Dashboard
from cxrtui.screens.images.case_list import CaseList
from cxrtui.screens.images.case_picture import CasePicture
from cxrtui.screens.images.half_blocks import UPPER_HALF
from cxrtui.screens.images.screen import ImagesScreen
from cxrtui.screens.images.work import MemberScores
from cxrtui.screens.known import Known
from jobs.workspace import Workspace

LABEL = "Edema"


def data_folder(workspace: Workspace) -> Path:
    return workspace.paths.root / "data"


class Shown(App[None]):
    """The dashboard's looks around this one screen."""

    CSS = Dashboard.CSS
    HORIZONTAL_BREAKPOINTS = Dashboard.HORIZONTAL_BREAKPOINTS

    def __init__(self, workspace: Workspace, member: str = "model3") -> None:
        super().__init__()
        known = Known(NAME, workspace.paths.root, True)
        self.images = ImagesScreen(known, workspace, split="test", member=member, label=LABEL)

    def on_mount(self) -> None:
        self.push_screen(self.images)

    @property
    def cases(self) -> CaseList:
        return self.images.query_one(CaseList)

    @property
    def picture(self) -> CasePicture:
        return self.images.query_one(CasePicture)

    @property
    def scores(self) -> MemberScores:
        assert self.images.scores is not None
        return self.images.scores

    @property
    def lines(self) -> list[str]:
        return [str(option.prompt) for option in self.cases.options]

    @property
    def said(self) -> list[str]:
        return str(self.images.query_one("#score-rows", Static).content).splitlines()

    def named(self) -> str:
        return str(self.picture.border_title)

    def pixels(self) -> np.ndarray[Any, np.dtype[np.int64]]:
        """The grays of the half blocks, (2 rows, columns)."""
        rows = []
        for y in range(self.picture.size.height):
            cells = [
                (segment.style.color, segment.style.bgcolor)
                for segment in self.picture.render_line(y)
                for _ in segment.text
                if segment.style is not None and UPPER_HALF in segment.text
            ]
            rows += [[gray(color) for color in half] for half in zip(*cells, strict=True)]
        return np.array(rows)


def gray(color: Color | None) -> int:
    assert color is not None
    assert color.triplet is not None
    red, green, blue = color.triplet
    assert red == green == blue
    return red


async def settled(pilot: Pilot[None], app: Shown) -> None:
    def is_settled() -> bool:
        if app.images.scores is None or app.cases.row is None:
            return False
        image = str(app.scores.table.image[app.cases.row])
        return app.picture.is_settled and image[:5] in app.named()

    await until(is_settled)
    await pilot.pause()
