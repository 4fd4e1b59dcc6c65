"""Our own colours under Textual's themes: readable on a light ground, too."""

import os
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Final

from rich.color import Color as RichColor
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

DARK: Final = "textual-dark"
LIGHT: Final = "textual-light"
# In the order of COLOURS: as far from each other for all who see colours as those are (CIE 1976,
# after Machado and others, 2009), and at least 3.3 : 1 on the ground of `textual-light` (WCAG 2.1).
LIGHT_COLOURS: Final = ("#0B5FC0", "#B96200", "#147A55", "#AD198F", "#342B13", "#9C290D")
_GROUNDS: Final = ("7", "15")  # white in the 16 colours of a terminal
_DIM: Final = 0.7  # of the way from the ground
_FAINT: Final = 0.72


def default_theme(environment: Mapping[str, str] = os.environ) -> str:
    """The light theme where the terminal says that its ground is light (`COLORFGBG`)."""
    ground = environment.get("COLORFGBG", "").rpartition(";")[2]
    return LIGHT if ground in _GROUNDS else DARK


def fainter(colour: str) -> str:
    """On a light ground, `#RRGGBB` of the second line of the same thing."""
    return Color.parse("#E0E0E0").blend(Color.parse(colour), _FAINT).hex


class LightGround(LineFilter):
    """Replaces our colours by those for a light ground, and dim text by grey that can be read."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """The segments in colours for a light ground."""
        return [
            segment if style is None else Segment(text, _on_light(style, background), control)
            for segment in segments
            for text, style, control in (segment,)
        ]


@lru_cache(4096)
def _on_light(style: Style, background: Color) -> Style:
    colour = style.color
    if colour is None or colour.triplet is None:
        return style
    found = _replaced().get(colour.triplet, colour)
    if style.dim:
        ground = style.bgcolor
        under = background if ground is None or ground.triplet is None else Color(*ground.triplet)
        found = under.blend(Color.from_rich_color(found), _DIM).rich_color
    elif found is colour:
        return style
    return style + Style(color=found, dim=False)


@cache
def _replaced() -> dict[ColorTriplet | None, RichColor]:
    """What each of our colours is on a light ground."""
    # Imported late: it needs numpy, and the first paint does not.
    from cxrtui.chart.lines import COLOURS, shade

    pairs = list(zip(COLOURS, LIGHT_COLOURS, strict=True))
    pairs += [(shade(dark), fainter(light)) for dark, light in pairs]
    return {RichColor.parse(dark).triplet: RichColor.parse(light) for dark, light in pairs}
