"""The colours of lines, without numpy: they are needed before anything else is painted."""

from typing import Final

# Colours that people with any common colour blindness can tell apart (Okabe and Ito, 2008),
# the ones that stand out from a dark background.
COLOURS: Final = ("#56B4E9", "#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00")
WARNING: Final = "#D55E00"


def shade(colour: str, strength: float = 0.65) -> str:
    """A darker `#RRGGBB`: the second line of the same thing."""
    parts = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return "#" + "".join(f"{round(part * strength):02X}" for part in parts)
