"""Numbers and names as the cells of the Ensemble screen have them."""

from typing import Final

import numpy as np
from rich.cells import cell_len, set_cell_size

from cxrtui.chart.lines import COLOURS, WARNING
from cxrtui.show.plain import plain
from cxrtui.show.signs import NOISE

Cell = tuple[str, str]  # text and style

SHOWN: Final = 0.0005  # a difference that three digits cannot show is none
GROUP_COLOURS: Final = {"head": "", "medium": COLOURS[0], "tail": COLOURS[1]}
_RAISED: Final = COLOURS[2]


def number(value: float) -> str:
    """Three digits as on the poster; a dash where AP is undefined."""
    return "-" if np.isnan(value) else f"{value:.3f}"


def difference(value: float, *, is_noise: bool = False) -> Cell:
    """A signed number with its direction, so that colour is never alone; a dash if undefined."""
    if np.isnan(value):
        return "-", "dim"
    if abs(value) < SHOWN:
        return "=  0.000", "dim"
    sign, colour = ("▲", _RAISED) if value > 0 else ("▼", WARNING)
    return (f"{sign} {value:+.3f}{NOISE}", "dim") if is_noise else (f"{sign} {value:+.3f}", colour)


def span(low: float, high: float) -> str:
    """The bounds of a difference; a dash where nothing is known of it."""
    return "-" if np.isnan(low) or np.isnan(high) else f"{low:+.3f} to {high:+.3f}"


def fit(text: str, width: int, *, right: bool = False) -> str:
    """The text in exactly so many cells; what is too long is cut in the middle.

    The ends of names tell seeds, views and kinds of a finding apart.
    """
    text = plain(text).replace("\n", " ").replace("\t", " ")
    if cell_len(text) > width:
        tail = max((width - 1) // 3, 0)
        end = text[len(text) - tail :] if tail else ""
        text = set_cell_size(text, max(width - 1 - cell_len(end), 0)) + "…" + end
        text = set_cell_size(text, width)
    fill = " " * (width - cell_len(text))
    return fill + text if right else text + fill
