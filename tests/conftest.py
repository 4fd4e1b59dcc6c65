"""What several test files share: a small data folder, a workspace, and the `cxrtui` command."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from made_once import made_once
from phantom_folder import write_small_phantom
from queue_rows import Jobs, queue_rows

from jobs.paths import WorkspacePaths
from jobs.queue.ensure import stop_supervisor
from jobs.workspace import WorkspaceSettings, make_workspace

pytest_plugins = ["busy_fixtures", "fault_session", "fault_workspace", "garbage"]

FAKE_PROGRAM = Path(__file__).with_name("fake_program.py")

ONE_MODEL = """
name = "one"
labels = ["Atelectasis", "Cardiomegaly", "Edema", "Nodule"]
[data]
val_fraction = 0.2
[run]
device = "any"
grace_seconds = 5.0
[defaults]
architecture = "test_efficientnet"
channels = 1
pre_weight = "none"
image_size = 32
batch_size = 16
max_lr = 0.01
epochs = 3
[[stages]]
name = "stage1"
[[models]]
name = "a"
stage = "stage1"
[[columns]]
title = "first"
model = "a"
[[columns]]
title = "views"
model = "a"
view_rule = "frontal-mean"
"""

CHAIN = (
    ONE_MODEL.replace('name = "one"', 'name = "chain"')
    + """
[[stages]]
name = "stage2"
[[stages]]
name = "stage3"
[[models]]
name = "b"
stage = "stage2"
pre_weight = "a"
[[models]]
name = "c"
stage = "stage3"
pre_weight = "b"
[[ensembles]]
name = "both"
members = ["b", "c"]
view_rule = "frontal-mean"
[[columns]]
title = "both"
ensemble = "both"
"""
)

Command = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def data_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A CXR-LT 2023 folder of a few dozen tiny images."""
    return made_once(tmp_path_factory.getbasetemp(), "phantom", write_small_phantom)


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Path]:
    """A folder for a workspace; its supervisor is ended, and nothing may be left running."""
    root = tmp_path / "workspace"
    yield root
    if root.exists():
        stop_supervisor(WorkspacePaths(root))
    assert command_lines(f"{root}/runs/") == []


@pytest.fixture
def init(workspace: Path, data_folder: Path) -> Callable[[Path], None]:
    """Makes the workspace of a recipe."""

    def make(recipe: Path) -> None:
        make_workspace(workspace, WorkspaceSettings(str(recipe), str(data_folder)))

    return make


@pytest.fixture
def cxrtui(workspace: Path, tmp_path: Path) -> Command:
    """Runs the `cxrtui` command on the workspace as a person does: in a process, in a folder."""

    def run(
        *arguments: str, check: bool = True, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "cxrtui", "--workspace", str(workspace), *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=180,
            env={**os.environ, **environment},
            check=False,
        )
        if check and done.returncode:
            pytest.fail(f"cxrtui {arguments}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    return run


@pytest.fixture
def queue(workspace: Path) -> Callable[[], Jobs]:
    """What the queue of the workspace is now."""
    return partial(queue_rows, workspace)


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe of one model."""
    path = tmp_path / "one.toml"
    path.write_text(ONE_MODEL)
    return path


@pytest.fixture
def chain(tmp_path: Path) -> Path:
    """A recipe of three models, each the parent of the next."""
    path = tmp_path / "chain.toml"
    path.write_text(CHAIN)
    return path


def hear_signals() -> None:
    """For a child: in the background, or under nohup, it would inherit that they are ignored."""
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def command_lines(wanted: str) -> list[str]:
    """Command lines of the processes that have `wanted` in theirs."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, ValueError):
            continue
        if wanted in line:
            found.append(line)
    return found
