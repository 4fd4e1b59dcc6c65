"""Which rows of the queue are shown, and in which order."""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final

from cxrtui.screens.away.file import Setting
from cxrtui.screens.queue.rows import QueueRow
from cxrtui.show.plain import plain_line
from cxrtui.show.signs import STATES

TURN: Final = "turn"  # the order in which jobs would start


@lru_cache(maxsize=1 << 15)
def _natural(name: str) -> tuple[str | int, ...]:
    """A key that puts model10 behind model9."""
    parts = re.split(r"(\d+)", name)
    return tuple(int(part) if place % 2 else part for place, part in enumerate(parts))


SORTS: Final[dict[str, Callable[[QueueRow], Any]]] = {  # keys of a row
    TURN: lambda row: (-row.priority, row.id),
    "id": attrgetter("id"),
    "model": lambda row: (_natural(row.model), row.id),
    "kind": attrgetter("kind", "id"),
    "stage": lambda row: (_natural(row.stage), row.id),
    "state": lambda row: (STATES.index(row.state), -row.priority, row.id),
    "done": lambda row: (-1.0 if row.share is None else row.share, row.id),
    "prio": attrgetter("priority", "id"),
    "tries": attrgetter("attempts", "id"),
    "took": lambda row: (row.took(time.time()), row.id),
    "why": attrgetter("why", "id"),
}
_LARGEST_FIRST: Final = ("done", "prio", "tries", "took")


@dataclass
class QueueView:
    """What a person has chosen to see."""

    text: str = ""  # words that must all be found
    state: str = ""  # "": any
    sort: str = TURN
    is_reversed: bool = False

    @property
    def settings(self) -> dict[str, Setting]:
        """What is kept of it until the next visit."""
        chosen = {"text": self.text, "state": self.state, "sort": self.sort}
        return {**chosen, "is_reversed": self.is_reversed}

    def restore(self, settings: Mapping[str, Setting]) -> None:
        """Take over what was kept, as far as that still is something."""
        state, sort = str(settings.get("state", "")), str(settings.get("sort", TURN))
        self.text = plain_line(settings.get("text", ""))
        self.state = state if state in STATES else ""
        self.sort = sort if sort in SORTS else TURN
        self.is_reversed = settings.get("is_reversed") is True

    def arrange(self, rows: Sequence[QueueRow]) -> list[QueueRow]:
        """Those of the rows that are to be shown, in order."""
        shown = [row for row in rows if not self.state or row.state == self.state]
        for word in self.text.lower().split():
            shown = [row for row in shown if word in row.words]
        shown.sort(key=SORTS[self.sort], reverse=self.is_reversed)
        return shown

    def sort_by(self, title: str) -> None:
        """Sort by this column; if it is already, the other way round, and then no more."""
        first = title in _LARGEST_FIRST
        if title != self.sort:
            self.sort, self.is_reversed = title, first
        elif self.is_reversed == first:
            self.is_reversed = not first
        else:
            self.sort, self.is_reversed = TURN, False

    def next_sort(self) -> None:
        """Sort by the next column."""
        titles = list(SORTS)
        self.sort = titles[(titles.index(self.sort) + 1) % len(titles)]
        self.is_reversed = self.sort in _LARGEST_FIRST

    def next_state(self, rows: Sequence[QueueRow]) -> None:
        """Only the next state that any of the rows is in; after the last, all of them."""
        there = {row.state for row in rows} | {self.state}
        states = ["", *(state for state in STATES if state in there)]
        self.state = states[(states.index(self.state) + 1) % len(states)]
