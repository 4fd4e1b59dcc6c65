"""Small disks for fault tests. They need root; without it a test fails, unless told to be skipped.

CXRTUI_FAULTS_WITHOUT_ROOT=1 skips what cannot be mounted.
"""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SKIPS = "CXRTUI_FAULTS_WITHOUT_ROOT"


def mount_tmpfs(folder: Path, size: str) -> None:
    """Put an empty disk of `size` (such as "8m") on a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    done = _run("mount", "-t", "tmpfs", "-o", f"size={size}", "cxrtui-fault", str(folder))
    if done.returncode:
        text = f"cannot mount a tmpfs (root?): {done.stderr.strip()}; {SKIPS}=1 skips this test"
        (pytest.skip if os.environ.get(SKIPS) else pytest.fail)(text)


def remount(folder: Path, how: str) -> None:
    """Make a disk `ro`, `rw`, or of another size (`size=64m`)."""
    _mount("-o", f"remount,{how}", str(folder))


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Whoever opens a file below a folder meanwhile can only read it.

    As when the kernel has made a damaged disk read-only: that does not wait until nobody writes.
    """
    _mount("--bind", str(folder), str(folder))
    _mount("-o", "remount,bind,ro", str(folder))
    try:
        yield
    finally:
        unmount(folder)


def unmount(folder: Path) -> None:
    """Take the disk away, also from those that still have a file there."""
    done = _run("umount", "--lazy", str(folder))
    assert done.returncode == 0, done.stderr


def _mount(*how: str) -> None:
    done = _run("mount", *how)
    assert done.returncode == 0, done.stderr


def _run(*line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, capture_output=True, text=True, check=False)
