"""Faults in a test session: its long form, its seeds, and the line that says how many it survived.

A plugin of its own, named by `conftest.py`: a second `conftest.py` in `faults/` would hide the
first from `from conftest import ...`.
"""

import os
import secrets
from collections.abc import Callable
from typing import Final

import pytest

FOLDER: Final = "tests/faults/"
SHORT_SEED: Final = 2023  # the short form is the same everywhere; the long form draws its own


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("faults")
    group.addoption("--long", action="store_true", help="The long form of tests/faults.")
    group.addoption("--seed", type=int, help="Replay faults; else $CXRTUI_FAULT_SEED.")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: only in the long form of tests/faults")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--long"):
        return
    long = [one for one in items if one.get_closest_marker("long") is not None]
    config.hook.pytest_deselected(items=long)
    items[:] = [one for one in items if one not in long]


@pytest.fixture
def is_long(request: pytest.FixtureRequest) -> bool:
    """Whether this is `make faults`; `make test` has the short form."""
    return bool(request.config.getoption("--long"))


@pytest.fixture
def seed(request: pytest.FixtureRequest, is_long: bool, tell: Callable[[str], None]) -> int:
    """What decides everything that a test draws; told at the end."""
    given = request.config.getoption("--seed")
    if given is None and "CXRTUI_FAULT_SEED" in os.environ:
        given = int(os.environ["CXRTUI_FAULT_SEED"])
    if given is None:
        given = secrets.randbelow(1_000_000) if is_long else SHORT_SEED
    tell(f"seed {given}")
    return int(given)


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Add text to what is printed of this test at the end of the session."""
    return lambda text: record_property("told", text)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What each fault test told, and `faults survived N/N`."""
    ended = {"passed": [], "failed": [], "error": []}
    for outcome, reports in ended.items():
        found = terminalreporter.stats.get(outcome, [])
        reports += [one for one in found if one.nodeid.startswith(FOLDER)]
    survived = {one.nodeid for one in ended["passed"]}
    lost = {one.nodeid for one in (*ended["failed"], *ended["error"])}
    if not survived | lost:
        return
    terminalreporter.section("faults")
    for report in (*ended["passed"], *ended["failed"]):
        told = [str(text) for name, text in report.user_properties if name == "told"]
        if told:
            terminalreporter.write_line(f"{report.nodeid.removeprefix(FOLDER)}: {told[0]}")
            terminalreporter.write_line("\n".join(told[1:]))
    terminalreporter.write_line(f"faults survived {len(survived - lost)}/{len(survived | lost)}")
