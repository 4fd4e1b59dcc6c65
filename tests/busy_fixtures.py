"""Fixtures of the tests that open a dashboard on a workspace in the middle of its work."""

import shutil
from pathlib import Path

import pytest
from dashboard_workspace import Fixture, busy_workspace

from jobs.workspace import open_workspace


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Fixture:
    """A workspace that tests only read."""
    return busy_workspace(tmp_path_factory.mktemp("busy") / "w")


@pytest.fixture
def own(made: Fixture, tmp_path: Path) -> Fixture:
    """A copy of it that a test may change; of the file's own `made` where it has one."""
    shutil.copytree(made.workspace.paths.root, tmp_path / "w")
    return Fixture(open_workspace(tmp_path / "w"), made.tables)
