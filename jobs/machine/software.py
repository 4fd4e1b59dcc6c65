"""Python, SQLite, and the packages that cxrtui asks for."""

import platform
import re
import sqlite3
import sys
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, requires, version

from db.database import OLDEST_SQLITE
from jobs.machine.finding import Finding

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_TRAIN = re.compile(r"""extra\s*==\s*['"]train['"]""")


def look_at_software() -> Iterator[Finding]:
    """The interpreter, its SQLite, and what is installed for it."""
    yield Finding("Python", "ok", f"{platform.python_version()}, {sys.executable}")
    yield _sqlite(sqlite3.sqlite_version)
    try:
        wanted = requires("cxrtui") or []
    except PackageNotFoundError:
        told = "cxrtui itself is not installed, so that it is not known what it needs"
        yield Finding("packages", "warning", told, "pip install . in its folder")
        return
    yield from look_at_packages(wanted)


def look_at_packages(wanted: list[str]) -> Iterator[Finding]:
    """What cxrtui asks for, and what it asks for to train: `wanted` as in a package's metadata."""
    own = [_name(line) for line in wanted if "extra" not in line]
    train = [_name(line) for line in wanted if _TRAIN.search(line)]
    if missing := _missing(own):
        told = f"{missing} not installed: commands fail without"
        yield Finding("packages", "fault", told, "pip install cxrtui")
    else:
        yield Finding("packages", "ok", _told(own))
    if missing := _missing(train):
        told = f"{missing} not installed: this machine can watch a queue, but train nothing"
        yield Finding("packages for training", "warning", told, "pip install 'cxrtui[train]'")
    else:
        yield Finding("packages for training", "ok", _told(train))


def _sqlite(found: str) -> Finding:
    if tuple(map(int, found.split("."))) >= OLDEST_SQLITE:
        return Finding("SQLite", "ok", found)
    wanted = ".".join(map(str, OLDEST_SQLITE[:2]))
    return Finding("SQLite", "fault", f"{found} is too old", f"use a Python with SQLite {wanted}")


def _missing(names: list[str]) -> str:
    return ", ".join(name for name in names if _version(name) is None)


def _told(names: list[str]) -> str:
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _name(requirement: str) -> str:
    found = _NAME.match(requirement)
    return found[0] if found else requirement


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
