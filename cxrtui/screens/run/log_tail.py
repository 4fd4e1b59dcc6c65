"""The last lines of a log, made harmless."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from cxrtui.show.plain import plain_line

BYTES: Final = 32_768
# Sequences that colour text or move the cursor (ECMA-48), and titles of windows.
_SEQUENCE: Final = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[@-_]"
)


def read_tail(path: Path) -> tuple[str, ...]:
    """The last lines of a file without escape codes; of a line that was overwritten, its end.

    A file that is not there has no lines. Raises OSError if it cannot be read.
    """
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - BYTES))
            text = file.read().decode(errors="replace")
    except FileNotFoundError:
        return ()
    lines = text.rstrip().split("\n")
    if size > BYTES:
        lines = lines[1:]
    return tuple(_clean(line) for line in lines) if lines != [""] else ()


def added(before: Sequence[str], now: Sequence[str]) -> Sequence[str] | None:
    """The lines of a tail that were not in the one before; None if it does not go on from that.

    A tail that has grown has lost its first lines.
    """
    for lost in range(len(before)):
        kept = len(before) - lost
        if tuple(before[lost:]) == tuple(now[:kept]):
            return now[kept:]
    return None if before else now


def _clean(line: str) -> str:
    shown = line.rstrip("\r").rpartition("\r")[2]
    return plain_line(_SEQUENCE.sub("", shown).expandtabs(8))


@dataclass(frozen=True)
class Search:
    """A search in the tail of a log; small letters find large ones too, large ones only large."""

    lines: tuple[str, ...]
    wanted: str
    chosen: int | None = None  # number of a line; None: the newest that matches

    @cached_property
    def matches(self) -> tuple[int, ...]:
        """Numbers of the lines in which it is found, ascending; nothing is found nowhere."""
        return tuple(number for number, line in enumerate(self.lines) if self.spans(line))

    @property
    def line(self) -> int | None:
        """Number of the line of the match that is looked at."""
        if self.chosen in self.matches:
            return self.chosen
        return self.matches[-1] if self.matches else None

    @property
    def words(self) -> str:
        """Which match of how many this is."""
        if not self.wanted:
            return ""
        if self.line is None:
            return "no match"
        return f"match {self.matches.index(self.line) + 1} of {len(self.matches)}"

    def spans(self, line: str) -> list[tuple[int, int]]:
        """Where it is found in one line."""
        if not self.wanted:
            return []
        flags = re.IGNORECASE if self.wanted.islower() else re.NOFLAG
        return [found.span() for found in re.finditer(re.escape(self.wanted), line, flags)]

    def moved(self, by: int) -> "Search":
        """At the match that is so many further, round the ends."""
        if self.line is None:
            return self
        place = (self.matches.index(self.line) + by) % len(self.matches)
        return replace(self, chosen=self.matches[place])

    def within(self, lines: tuple[str, ...]) -> "Search":
        """The same search in the lines of now: a tail that has grown has lost its first lines."""
        at = self.line
        if at is None:
            return Search(lines, self.wanted)
        before = range(min(at, len(lines) - 1), -1, -1)
        same = (number for number in before if lines[number] == self.lines[at])
        return Search(lines, self.wanted, next(same, None))
