"""Signs that stand for words in tables: of intervals, of shares, of the states of jobs."""

from typing import Final

NOISE: Final = "~"  # the interval of a difference includes none
FEW: Final = "\N{DEGREE SIGN}"  # positives in too few patients for an interval to be trusted
# The states of jobs in the order in which a person wants to know of them.
STATES: Final = (
    "running",
    "queued",
    "blocked",
    "failed",
    "paused",
    "held",
    "cancelled",
    "succeeded",
)


def bar(share: float, cells: int) -> str:
    """A share, 0 to 1, as a bar of so many cells."""
    full = round(min(max(share, 0.0), 1.0) * cells)
    return "▓" * full + "░" * (cells - full)
