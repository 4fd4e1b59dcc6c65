"""The systemd unit of a supervisor, and a supervisor as that unit runs it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from conftest import Command
from test_queue import wait_for

from jobs.errors import InputError
from jobs.machine.unit import unit_name, unit_text
from jobs.paths import WorkspacePaths
from jobs.queue.ensure import supervisor_info
from jobs.workspace import WorkspaceSettings, make_workspace

ODD = 'we ird $HOME 50% "q" \\b'


def settings(text: str, name: str) -> list[str]:
    return re.findall(rf"^{name}=(.*)$", text, re.MULTILINE)


def words(line: str) -> list[str]:
    """A command line as systemd reads it, in an environment without variables."""
    found = re.findall(r'"((?:[^"\\]|\\.)*)"', line)
    first, *others = [re.sub(r"\\(.)", r"\1", one).replace("%%", "%") for one in found]
    expanded = [re.sub(r"\$(\$|\w*)", lambda f: "$" if f[1] == "$" else "", one) for one in others]
    return [first, *expanded]


def test_a_unit_says_how_to_run_the_supervisor_of_an_oddly_named_folder(tmp_path: Path) -> None:
    root = tmp_path / ODD / ".cxrtui"
    environment = {"PATH": "/a b:/c%d", "CUDA_VISIBLE_DEVICES": "1", "SECRET": "x", "TMPDIR": "\n"}
    text = unit_text(root, environment=environment)
    (line,) = settings(text, "ExecStart")
    wanted = ["--workspace", str(root), "supervisor", "start", "--foreground", "--stay"]
    assert words(line)[-6:] == wanted
    assert Path(words(line)[0]).is_file()
    assert settings(text, "WorkingDirectory") == [str(root).replace("%", "%%")]
    carried = settings(text, "Environment")
    assert carried[1:] == ['"PATH=/a b:/c%%d"', '"CUDA_VISIBLE_DEVICES=1"']
    assert settings(text, "KillMode") == ["process"]
    assert settings(text, "Restart") == ["on-failure"]
    assert settings(text, "WantedBy") == ["default.target"]
    assert settings(text, "User") == []
    system = unit_text(root, "me")
    assert (settings(system, "User"), settings(system, "WantedBy")) == (
        ["me"],
        ["multi-user.target"],
    )


@pytest.mark.parametrize("name", ["a\nb", "ends with \\"])
def test_a_folder_that_no_unit_can_name_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="a unit cannot name this folder"):
        unit_text(tmp_path / name)


def test_the_name_of_a_unit(tmp_path: Path) -> None:
    assert unit_name(Path("/home/me/chest x-rays/.cxrtui")) == "cxrtui-chest-x-rays.service"
    assert unit_name(Path("/home/me/runs")) == "cxrtui-runs.service"
    assert unit_name(Path("/")) == "cxrtui-queue.service"


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
@pytest.mark.parametrize("user", [None, "root"])
def test_systemd_finds_nothing_wrong_with_it(user: str | None, tmp_path: Path) -> None:
    root = tmp_path / ODD
    root.mkdir()
    file = tmp_path / unit_name(root)
    file.write_text(unit_text(root, user))
    line = ["systemd-analyze", "verify", str(file)]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_supervisor_of_a_unit_keeps_a_second_one_away_and_ends_when_told(
    cxrtui: Command, workspace: Path
) -> None:
    paths = WorkspacePaths(workspace)
    make_workspace(workspace, WorkspaceSettings("demo"))
    (line,) = settings(cxrtui("supervisor", "unit").stdout, "ExecStart")
    unit = subprocess.Popen(words(line), stderr=subprocess.DEVNULL)
    try:
        info = wait_for(lambda: supervisor_info(paths))
        assert info.pid == unit.pid
        second = subprocess.run(words(line), capture_output=True, text=True, timeout=60)
        assert (second.returncode, second.stdout) == (
            1,
            f"runs already: pid {unit.pid} on {info.host}\n",
        )
        cxrtui("supervisor", "restart")
        assert unit.wait(30) == 0
        again = supervisor_info(paths)
        assert again is not None
        assert again.pid != unit.pid
    finally:
        unit.kill()
        unit.wait()
