"""What several tests need and none changes: made by the worker of the session that first asks."""

import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path


def made_once(base: Path, name: str, make: Callable[[Path], object]) -> Path:
    """The folder `name` that `make` has made; `base` is `getbasetemp()` of whoever asks.

    Workers that ask meanwhile wait.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, done = base / name, base / f"{name}.made"
    with (base / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)  # an earlier try has failed
            make(folder)
            done.touch()
    return folder
