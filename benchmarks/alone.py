"""Whether anything else is busy on this machine, which would spoil what is measured."""

import time
from contextlib import suppress
from typing import Final

import psutil

_SECONDS: Final = 1.0  # that one looks
_SHARE: Final = 0.2  # of a core: whoever takes more is in the way


def busy_strangers() -> list[str]:
    """Processes that take a good part of a core now, each in one line."""
    before, began = _seconds(), time.monotonic()
    time.sleep(_SECONDS)
    after, passed = _seconds(), time.monotonic() - began
    shares = {who: (after[who] - before[who]) / passed for who in after if who in before}
    return [f"{pid} {name} {share:.0%}" for (pid, name), share in shares.items() if share > _SHARE]


def _seconds() -> dict[tuple[int, str], float]:
    """Seconds of a core that each process has had."""
    found = {}
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            times = process.cpu_times()
            found[process.pid, process.name()] = times.user + times.system
    return found
