"""One thing that was looked at, and what it means."""

from dataclasses import dataclass
from typing import Literal

GIB = 1 << 30
Level = Literal["ok", "warning", "fault"]


@dataclass(frozen=True)
class Finding:
    """What was found; `advice` says in a line what to do, and is empty where nothing must be."""

    topic: str
    level: Level
    found: str
    advice: str = ""


def gib(size: float) -> str:
    """Bytes for a person: `2.5 GiB`."""
    return f"{size / GIB:,.1f} GiB"
