"""From a key to the changed screen, in the real application in a terminal, while events arrive."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
from loaded_workspace import make_loaded
from pressing import SCREENS, Press, Visit
from terminal import COLUMNS, ROWS
from watched_terminal import WatchedTerminal, has

POUR: Final = Path(__file__).with_name("pour_events.py")
EVENTS_A_SECOND: Final = 1000
_SHORTEST, _LONGEST = 0.03, 0.12  # seconds between seeing one key's effect and the next key
_QUIET: Final = 0.3  # seconds after a key that is not measured
_START: Final = 20.0  # that the first frame may take
_LONG: Final = 90.0  # seconds that the first look at a screen may take


def measure(
    root: Path, keys: int, screens: Collection[str], tell: Callable[[str], None]
) -> dict[str, Any]:
    """Of each of these screens so many keys, in milliseconds; without `root` it is made."""
    if not root.exists():
        tell("making a workspace at full size")
        make_loaded(root)
    found: dict[str, Any] = {"terminal": f"{COLUMNS}x{ROWS}", "events_a_second": EVENTS_A_SECOND}
    line = [sys.executable, "-P", "-m", "cxrtui", "--workspace", str(root), "--no-supervisor"]
    with _pouring(root), WatchedTerminal(line) as terminal:
        terminal.wait(has("cxrtui"), _START)  # what is typed before that is lost
        for name, visit in SCREENS.items():
            if name not in screens:
                continue
            tell(f"{keys} keys on the {name} screen")
            found[name] = _visit(terminal, visit, keys)
    return found


def _visit(terminal: WatchedTerminal, visit: Visit, keys: int) -> dict[str, Any]:
    terminal.type(visit.key)
    terminal.wait(visit.is_ready, _LONG)
    first = []
    for press in visit.first:
        first.append(_pressed(terminal, press, _LONG))
        terminal.wait(visit.is_ready, _LONG)
    generator = np.random.default_rng(0)
    taken: dict[str, list[float]] = {}
    unseen: list[str] = []
    for number in generator.integers(0, len(visit.presses), keys):
        press = visit.presses[number]
        seconds = _pressed(terminal, press, 2.0)
        if seconds is None:
            unseen.append(press.name)
        else:
            taken.setdefault(press.name, []).append(1000 * seconds)
        time.sleep(generator.uniform(_SHORTEST, _LONGEST))
    every = [one for some in taken.values() for one in some]
    return {
        **_summary(every),
        "keys": len(every),
        "unseen": sorted(unseen),
        "first_use_ms": {
            press.name: None if seconds is None else round(1000 * seconds, 1)
            for press, seconds in zip(visit.first, first, strict=True)
        },
        "by_key": {name: _summary(some) for name, some in sorted(taken.items())},
    }


def _pressed(terminal: WatchedTerminal, press: Press, patience: float) -> float | None:
    _type(terminal, press.before)
    seconds = terminal.press(press.keys(terminal.screen), press.sees, patience)
    _type(terminal, press.after)
    return seconds


def _type(terminal: WatchedTerminal, keys: tuple[str, ...]) -> None:
    for key in keys:
        terminal.type(key)
        time.sleep(_QUIET)


def _summary(milliseconds: list[float]) -> dict[str, float]:
    marks = {"median_ms": 50, "p99_ms": 99, "most_ms": 100}
    return {
        name: round(float(np.percentile(milliseconds, mark)), 1) for name, mark in marks.items()
    }


@contextmanager
def _pouring(root: Path) -> Iterator[None]:
    """While this is open, events arrive and are taken into the database."""
    environment = {**os.environ, "PYTHONPATH": str(POUR.parents[1])}
    line = [sys.executable, str(POUR), str(root), str(EVENTS_A_SECOND)]
    with subprocess.Popen(line, stdout=subprocess.PIPE, env=environment) as process:
        try:
            if process.stdout is None or not process.stdout.readline():
                raise RuntimeError("no events arrive")
            yield
        finally:
            process.kill()
