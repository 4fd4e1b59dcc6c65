"""The keys that a person presses on each screen, and what of the screen each of them changes."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from seen_screen import SeenScreen
from watched_terminal import has


@dataclass(frozen=True)
class Press:
    """A key that always changes what `sees` finds."""

    name: str
    key: str | Callable[[SeenScreen], str]
    sees: Callable[[SeenScreen], object]
    before: tuple[str, ...] = ()  # keys whose effect this one shows
    after: tuple[str, ...] = ()  # keys that undo it

    def keys(self, screen: SeenScreen) -> str:
        """What is typed, which may depend on what is shown."""
        return self.key if isinstance(self.key, str) else self.key(screen)


@dataclass(frozen=True)
class Visit:
    """A screen: how one gets there, what is done once, and what again and again.

    Before a key that is done once and after it, one waits until the screen is ready.
    """

    key: str
    is_ready: Callable[[SeenScreen], bool]
    presses: tuple[Press, ...]
    first: tuple[Press, ...] = ()


def _line(pattern: str) -> Callable[[SeenScreen], object]:
    """All that a pattern finds on the screen, row by row."""
    compiled = re.compile(pattern)
    return lambda screen: [found for line in screen.lines for found in compiled.findall(line)]


def _cursor(first: int, last: int) -> Callable[[SeenScreen], object]:
    """What stands in the row under the cursor between two columns."""
    return lambda screen: screen.highlighted(slice(first, last))


def _down_or_up(screen: SeenScreen) -> str:
    """Down, and up from the rows of means, which are the last ones."""
    return "k" if "mean" in str(_LABEL(screen)) else "j"


_LABEL = _cursor(2, 24)
_LOSS = _line(r"─ (Loss[^─]*) ")
_UNIT = _line(r"─ ([^─]*(?:epochs|steps|images|hours|minutes|seconds)) ─")
_NAMES = _line(r"─ (Val mAP.*?) ──")

_RUN: Final = Visit(
    "1",
    has(r"\d%  0.313"),
    (
        *(Press("model below", "j", _NAMES), Press("model above", "k", _NAMES)) * 3,
        Press("smoothing", "s", _LOSS),
        Press("log y", "y", _LOSS),
        Press("x axis, all of it", "x", _UNIT),
        Press("zoom out", "0", _UNIT, before=("0", "+", "+")),
        Press("overlay kept, model below", "j", _NAMES, before=(" ",)),
    ),
    tuple(Press(f"model{number}", "j", _NAMES) for number in range(1, 8)),
)

_TITLE = _line(r"─ (Queue[^─]*) ─")
_ORDER = _line(r"─ ((?:only \w+  )?(?:by \w+|in order of their start)) ─")
_JOB = _cursor(2, 20)
_QUEUE: Final = Visit(
    "2",
    has(r"Queue  10,0\d\d jobs"),
    (
        *(Press("job below", "j", _JOB), Press("page below", "\x06", _JOB)) * 4,
        Press("sort", "o", _ORDER, after=("g",)),
        Press("state", "f", _ORDER, after=("\x1b", "\x1b", "\x1b", "g")),
        Press("mark", " ", _TITLE),
        Press("filter by words", "9", _TITLE, before=("/",), after=("\r", "\x1b", "g")),
    ),
)

_TABLE = _line(r"\d\.\d{3}")  # without what tells how far the intervals are
_RESULTS: Final = Visit(
    "3",
    has("Over the column before"),
    (
        *(Press("label below or above", _down_or_up, _LABEL),) * 4,
        Press("sort", "s", _TABLE),
        Press("reverse", "S", _TABLE),
        Press("split", "t", _TABLE),
        Press("published", "p", _TABLE),
    ),
)

_SCORES = _line(r"(\d\.\d{3})[ °] [▲▼=]|(a (?:mean of )?\w+)  ")  # of one member alone all agree
_ENSEMBLE: Final = Visit(
    "4",
    has(r"95 %: \d"),  # the intervals come last
    (
        *(Press("tick, member below", " j", _SCORES),) * 6,
        Press("view rule", "v", _SCORES),
        Press("averaging", "a", _SCORES),
        Press("split", "t", _SCORES),
    ),
    tuple(Press(split, "t", _SCORES) for split in ("test", "dev")),
)
SCREENS: Final = {"Run": _RUN, "Queue": _QUEUE, "Results": _RESULTS, "Ensemble": _ENSEMBLE}
