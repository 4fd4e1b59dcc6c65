"""Our colours on dark and on light grounds, and the theme that a workspace keeps."""

from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from dashboard_workspace import busy_workspace
from driven import opened
from numpy.typing import NDArray
from pilots import until
from textual.theme import BUILTIN_THEMES

from cxrtui.chart.lines import COLOURS, WARNING, shade
from cxrtui.screens.app import Dashboard
from cxrtui.screens.away.file import AwayFile
from cxrtui.screens.look.themes import DARK, LIGHT, LIGHT_COLOURS, default_theme, fainter

Floats = NDArray[np.float64]
# Linear RGB as people without one kind of cones see it (Machado and others, 2009, severity 1).
SEEN: Final = {
    "all cones": np.eye(3),
    "no long": np.array([[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                         [-0.003882, -0.048116, 1.051998]]),
    "no medium": np.array([[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                           [-0.011820, 0.042940, 0.968881]]),
    "no short": np.array([[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                          [0.004733, 0.691367, 0.303900]]),
}  # fmt: skip
TO_XYZ: Final = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722],
                          [0.0193, 0.1192, 0.9505]])  # fmt: skip
WHITE: Final = np.array([0.9505, 1.0, 1.089])


def linear(colour: str) -> Floats:
    parts = np.array([int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """WCAG 2.1."""
    dark, light = sorted(float((TO_XYZ @ linear(colour))[1]) for colour in (one, other))
    return (light + 0.05) / (dark + 0.05)


def lab(colour: Floats) -> Floats:
    """CIE 1976 L*a*b* of linear RGB."""
    parts = TO_XYZ @ np.clip(colour, 0, 1) / WHITE
    root = np.where(parts > 0.008856, np.cbrt(parts), 7.787 * parts + 16 / 116)
    return np.array([116 * root[1] - 16, *(np.array([500, 200]) * -np.diff(root))])


@pytest.mark.parametrize("colours", [COLOURS, LIGHT_COLOURS])
def test_colours_are_told_apart_with_any_cones(colours: tuple[str, ...]) -> None:
    for matrix in SEEN.values():
        places = [lab(matrix @ linear(colour)) for colour in colours]
        apart = [float(np.linalg.norm(one - other)) for one, other in combinations(places, 2)]
        assert min(apart) > 15  # 2.3 can just be noticed


def test_colours_are_readable_on_every_ground() -> None:
    own = [one for one in BUILTIN_THEMES.values() if not one.ansi]
    assert {one.dark for one in own} == {True, False}
    for theme in own:
        made = theme.to_color_system().generate()
        ground = str(made["background"])
        colours = COLOURS if theme.dark else LIGHT_COLOURS
        faint = map(shade, COLOURS) if theme.dark else map(fainter, LIGHT_COLOURS)
        assert min(contrast(one, ground) for one in colours) >= (2.4 if theme.dark else 3.2), theme
        assert min(contrast(one, ground) for one in faint) >= (1.2 if theme.dark else 1.9), theme
    ground = str(BUILTIN_THEMES[DARK].to_color_system().generate()["background"])
    assert min(contrast(one, ground) for one in COLOURS) > 4.5


@pytest.mark.parametrize(
    ("says", "theme"), [("15;0", DARK), ("0;15", LIGHT), ("0;default;7", LIGHT), ("", DARK)]
)
def test_the_first_theme_is_that_of_the_terminal(says: str, theme: str) -> None:
    assert default_theme({"COLORFGBG": says}) == theme
    assert default_theme({}) == DARK


async def test_a_light_theme_has_its_own_colours_and_is_kept(tmp_path: Path) -> None:
    made = busy_workspace(tmp_path / "w")

    def dashboard() -> Dashboard:
        kept = AwayFile(made.workspace)
        return Dashboard(made.workspace, "cxr-lt-2023", watch_only=True, kept=kept)

    app = dashboard()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, app)
        assert app.theme == DARK
        assert WARNING in app.export_screenshot().upper()
        app.theme = LIGHT
        await pilot.pause()
        picture = app.export_screenshot().upper()
        assert LIGHT_COLOURS[COLOURS.index(WARNING)] in picture
        assert not any(colour in picture for colour in COLOURS)
        await app.action_quit()
        await until(lambda: AwayFile(made.workspace).view.get("theme") == LIGHT)
    app = dashboard()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, app)
        assert app.theme == LIGHT
        app.theme = DARK
        await pilot.pause()
        assert WARNING in app.export_screenshot().upper()
