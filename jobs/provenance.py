"""What an attempt ran on, and of which code: `provenance.json` in its folder.

host, python, platform, kernel   texts
driver                           version of the kernel's NVIDIA module; null without one
packages                         {name: version} of those that decide a result
git                              {commit, dirty, untracked} of our packages; null where they are no
                                 checkout; beside it `code.diff` says what differs from the commit

Standard library only. Whatever git has to say, or not, an attempt runs.
"""

import json
import os
import platform
import re
import subprocess
import time
from collections.abc import Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from jobs.durable import write_atomic, write_json
from jobs.processes import host_name
from jobs.start import PACKAGES, ROOT

FILE: Final = "provenance.json"
DIFF: Final = "code.diff"
DIFF_LIMIT: Final = 1 << 20  # bytes
GIT_SECONDS: Final = 5.0  # for all that git is asked
_PACKAGES: Final = (
    "cxrtui", "kornia", "numpy", "pillow", "safetensors", "timm", "torch", "torchvision",
)  # fmt: skip
DRIVER: Final = Path("/proc/driver/nvidia/version")
_VERSION: Final = re.compile(r"\b\d{3,}\.\d+(\.\d+)?\b")
_PLACES: Final = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE")  # of another repository
_SAFE: Final = ("-c", "core.fsmonitor=false", "-c", "core.quotePath=false")


def write_provenance(folder: Path, extra: Mapping[str, Any], code: Path = ROOT) -> None:
    """Write `provenance.json` into an attempt's folder, with `extra` in it.

    `code` is the folder that holds our packages.
    """
    git, diff = _ask_git(code)
    if diff:
        write_atomic(folder / DIFF, diff)
    facts = {
        "host": host_name(),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "kernel": platform.release(),
        "driver": driver_version(),
        "packages": _versions(),
        "git": git,
    }
    write_json(folder / FILE, facts | dict(extra))


def add_to_provenance(folder: Path, extra: Mapping[str, Any]) -> None:
    """Say more in a `provenance.json` that is there."""
    write_json(folder / FILE, read_provenance(folder) | dict(extra))


def read_provenance(folder: Path) -> dict[str, Any]:
    """What an attempt's `provenance.json` says; nothing where it is not there or damaged."""
    try:
        facts = json.loads((folder / FILE).read_bytes())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def driver_version(told: Path = DRIVER) -> str | None:
    """The version of the kernel's NVIDIA module; None without one."""
    try:
        found = _VERSION.search(told.read_text())
    except OSError:
        return None
    return found[0] if found else None


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _ask_git(code: Path) -> tuple[dict[str, Any] | None, bytes]:
    """The commit of our packages with what differs from it, and that as a diff."""
    deadline = time.monotonic() + GIT_SECONDS
    # Installed below somebody's repository they are not that repository's code.
    if _git(code, deadline, "ls-files", "--error-unmatch", "jobs/__init__.py") is None:
        return None, b""
    status = _git(code, deadline, "status", "--porcelain=v2", "--branch", "-z", "--", *PACKAGES)
    if status is None:
        return None, b""
    entries = status.decode(errors="replace").split("\0")[:-1]
    said = dict(entry[2:].split(" ", 1) for entry in entries if entry.startswith("# "))
    changes = [entry for entry in entries if not entry.startswith("# ")]
    diff = None
    if changes:
        how = ("--no-ext-diff", "--no-textconv", "HEAD", "--", *PACKAGES)
        diff = _git(code, deadline, "diff", *how)
    facts = {
        "commit": said.get("branch.oid"),
        "dirty": bool(changes),
        "untracked": [entry[2:] for entry in changes if entry.startswith("? ")],
    }
    return facts, (diff or b"")[:DIFF_LIMIT]


def _git(code: Path, deadline: float, *arguments: str) -> bytes | None:
    """What git says; None where there is no git, no answer, or none in time."""
    environment = {name: value for name, value in os.environ.items() if name not in _PLACES}
    command: Sequence[str] = ("git", *_SAFE, "-C", str(code), *arguments)
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=max(0.0, deadline - time.monotonic()),
            env={**environment, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
