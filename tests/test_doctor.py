"""What `doctor` says of a machine, of what it lacks, and of a workspace."""

import json
import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from conftest import Command
from rich.console import Console

from cxrtui.show.doctor import show_ledger
from db.ledger import PeakRecord
from jobs.gpus import Gpu, GpuProcess, GpuReport
from jobs.machine import disk, torch_build
from jobs.machine.disk import look_at_disk, look_at_future, look_at_lock_folder
from jobs.machine.finding import Finding
from jobs.machine.gpu_state import look_at_gpu_state
from jobs.machine.limits import look_at_limits
from jobs.machine.logout import Login, look_at_logout, read_login
from jobs.machine.software import look_at_packages
from jobs.machine.torch_build import look_at_torch
from jobs.workspace import WorkspaceSettings, make_workspace

GIB = 1 << 30
SESSION = "0::/user.slice/user-1000.slice/session-3.scope"
MANAGED = "0::/user.slice/user-1000.slice/user@1000.service/app.slice/cxrtui-a.service"


def by_topic(findings: Iterable[Finding]) -> dict[str, Finding]:
    return {one.topic: one for one in findings}


def gpu(index: int = 0, **fields: object) -> Gpu:
    values = {"uuid": f"GPU-{index}", "name": "H", "used_bytes": 0, "total_bytes": 80 * GIB}
    return Gpu(index=index, **{**values, **fields})  # type: ignore[arg-type]


@pytest.fixture
def quick_torch(tmp_path: Path) -> str:
    """A folder whose `torch` has nothing to import, for PYTHONPATH."""
    package = tmp_path / "quick" / "torch"
    package.mkdir(parents=True)
    code = "class version: cuda = hip = None\nclass cuda: is_available = lambda: False\n"
    (package / "__init__.py").write_text(f"__version__ = '0'\n{code}")
    return str(package.parent)


def test_doctor_answers_without_a_workspace(cxrtui: Command) -> None:
    done = cxrtui("doctor", "--json", CUDA_VISIBLE_DEVICES="")
    said = json.loads(done.stdout)
    found = {one["topic"]: one for one in said["findings"]}
    assert found["Python"]["level"] == "ok"
    assert found["file locks"]["level"] == "ok"
    assert found["GPUs"]["level"] == "warning"
    assert found["workspace"]["found"].startswith("none at ")
    assert (said["faults"], said["ledger"]) == (0, [])
    for one in said["findings"]:
        assert one["found"]
        assert bool(one["advice"]) == (one["level"] != "ok")


def test_doctor_of_a_workspace_has_exit_code_1_for_a_fault(
    cxrtui: Command, workspace: Path, quick_torch: str, tmp_path: Path
) -> None:
    make_workspace(workspace, WorkspaceSettings("demo", keep_free_gib=1e9))
    report = tmp_path / "gpus.json"
    report.write_text(json.dumps({"gpus": [vars(gpu(fault="Xid 79"))]}))
    done = cxrtui("doctor", check=False, CXRTUI_TEST_GPUS=str(report), PYTHONPATH=quick_torch)
    assert done.returncode == 1
    said = " ".join(done.stdout.split())
    assert "✗ torch 0, built without CUDA: it cannot use the GPUs" in said
    assert "✗ GPU 0 H is set aside: Xid 79" in said
    assert "no job starts → make room" in said
    assert "none runs; the next command that needs one starts it" in said
    (workspace / "workspace.toml").write_text("recipe = 3")
    broken = json.loads(cxrtui("doctor", "--json", check=False, PYTHONPATH=quick_torch).stdout)
    assert [one["topic"] for one in broken["findings"] if one["level"] == "fault"] == ["workspace"]


def test_gpus_that_are_used_hot_or_hold_memory_of_nobody() -> None:
    gpus = [
        gpu(0, processes=(GpuProcess(4711, "me", GIB),), used_bytes=GIB),
        gpu(1, temperature=95),
        gpu(2, used_bytes=30 * GIB),
    ]
    found = by_topic(look_at_gpu_state(GpuReport(gpus), Path("none")))
    assert (found["GPU 0"].level, found["GPU 1"].level) == ("ok", "warning")
    assert "pid 4711 of user me" in found["GPU 0"].found
    assert found["GPU 2"].found.endswith("in use by no process that can be seen")
    lost = by_topic(look_at_gpu_state(GpuReport(trouble="Driver/library version mismatch")))
    assert (lost["GPUs"].level, "mismatch" in lost["GPUs"].found) == ("fault", True)


def test_the_driver_and_the_choice_of_gpus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = tmp_path / "version"
    version.write_text("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.133.20  Rel")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "7")
    found = by_topic(look_at_gpu_state(GpuReport(), version))
    assert found["NVIDIA driver"].found == "570.133.20"
    assert found["CUDA_VISIBLE_DEVICES"].found == "'7' leaves no GPU"


def test_packages_that_are_missing() -> None:
    wanted = ["numpy>=1", "nowhere-1; python_version>'3'", "nowhere-2; extra == 'train'"]
    found = by_topic(look_at_packages(wanted))
    assert found["packages"].level == "fault"
    assert found["packages"].found.startswith("nowhere-1 not installed")
    assert found["packages for training"].level == "warning"


@pytest.mark.parametrize(
    ("said", "level", "told"),
    [
        ({"build": None, "available": False}, "fault", "built without CUDA: it cannot use"),
        ({"build": "13.0", "available": False, "trouble": "no kernel image"}, "fault", "no kernel"),
        ({"build": "13.0", "available": True, "works": ["H"]}, "ok", "computes on H"),
    ],
)
def test_what_torch_says_of_itself_beside_gpus(
    said: dict[str, object], level: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    whole = {"version": "2.0", "works": [], "trouble": "", **said}
    monkeypatch.setattr(torch_build, "_ASK", f"print({json.dumps(json.dumps(whole))})")
    (found,) = look_at_torch([gpu()])
    assert (found.level, told in found.found) == (level, True), found.found


def test_a_torch_that_cannot_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch_build, "_ASK", "raise OSError('libcudart.so.13: cannot open')")
    (found,) = look_at_torch([])
    assert (found.level, "libcudart.so.13: cannot open" in found.found) == ("fault", True)


def test_limits_of_control_groups(tmp_path: Path) -> None:
    group = tmp_path / "groups" / "a" / "b"
    group.mkdir(parents=True)
    proc = tmp_path / "proc"
    (proc / "self").mkdir(parents=True)
    (proc / "self" / "cgroup").write_text("0::/a/b\n")
    (proc / "meminfo").write_text(f"MemTotal: {64 << 20} kB\nMemAvailable: {60 << 20} kB\n")
    (group / "memory.max").write_text("max\n")
    (group.parent / "memory.max").write_text(f"{8 * GIB}\n")
    (group / "memory.current").write_text(f"{7 * GIB}\n")
    (group / "memory.stat").write_text(f"anon 5\ninactive_file {GIB}\n")
    (group / "cpu.max").write_text("50000 100000\n")
    (group / "pids.max").write_text("100\n")
    found = by_topic(look_at_limits(tmp_path / "groups", proc))
    assert found["memory"].found == "2.0 GiB free of 8.0 GiB that a control group grants"
    assert found["memory"].level == "warning"
    assert found["cores"].found.endswith("but a control group grants the time of 0.5")
    assert found["processes"].level == "warning"
    (group / "cpu.max").write_text("max 100000\n")
    (group.parent / "memory.max").unlink()
    calm = by_topic(look_at_limits(tmp_path / "groups", proc))
    assert (calm["cores"].level, calm["memory"].level) == ("ok", "ok")


def test_a_disk_with_a_network_without_locks_without_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"server:/x {tmp_path} nfs4 rw 0 0\n")
    found = by_topic(look_at_disk(tmp_path, 1e30, mounts))
    assert (found["file system"].level, found["room"].level) == ("warning", "fault")
    assert (found["file locks"].level, found["clock"].level) == ("ok", "ok")
    monkeypatch.setattr(disk, "is_locked", lambda _path: False)
    assert by_topic(look_at_disk(tmp_path, 0, mounts))["file locks"].level == "fault"
    monkeypatch.setattr(time, "time", lambda: 1e9)
    told = by_topic(look_at_disk(tmp_path, 0, mounts))["clock"]
    assert (told.level, "ahead of" in told.found) == ("warning", True)


def test_files_from_the_future_and_a_lock_folder_of_ones_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "journal.jsonl").touch()
    assert list(look_at_future(tmp_path)) == []
    os.utime(tmp_path / "journal.jsonl", (0, time.time() + 3600))
    (found,) = look_at_future(tmp_path)
    assert found.found.startswith("journal.jsonl changed in the future")
    monkeypatch.setattr(disk, "LOCK_FOLDER", tmp_path)
    (folder,) = look_at_lock_folder()
    assert folder.advice == f"chmod 1777 {tmp_path}, as the administrator"


def a_machine(root: Path, place: str, **settings: str) -> Path:
    """A root folder with systemd, on which process 1 is in `place`."""
    for folder in ("run/systemd/system", "proc/1", "var/lib/systemd/linger"):
        (root / folder).mkdir(parents=True)
    (root / "proc/1/cgroup").write_text(f"{place}\n")
    for name, text in settings.items():
        file = root / name.replace("__", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".conf").write_text(f"[Login]\n{text}\n")
    return root


@pytest.mark.parametrize(
    ("place", "settings", "lingers", "told"),
    [
        (SESSION, {}, False, ""),
        (SESSION, {"etc__systemd__logind": "KillUserProcesses=yes"}, False, "KillUser"),
        (SESSION, {"etc__systemd__logind": "KillUserProcesses=yes"}, True, "KillUser"),
        (SESSION, {"etc__systemd__logind": "#KillUserProcesses=yes"}, False, ""),
        (MANAGED, {"etc__systemd__logind": "KillUserProcesses=yes"}, True, ""),
        (MANAGED, {}, False, "me does not linger"),
        ("0::/system.slice/cxrtui-a.service", {}, False, ""),
    ],
)
def test_what_a_log_out_does(
    place: str, settings: dict[str, str], lingers: bool, told: str, tmp_path: Path
) -> None:
    root = a_machine(tmp_path / "root", place, **settings)
    if lingers:
        (root / "var/lib/systemd/linger/me").touch()
    (found,) = look_at_logout(1, root=root, user="me", environment={})
    assert (found.level, told in found.found) == ("warning" if told else "ok", True), found.found


def test_drop_ins_of_logind_by_name_and_those_of_etc_first(tmp_path: Path) -> None:
    root = a_machine(
        tmp_path / "root",
        SESSION,
        usr__lib__systemd__logind="KillUserProcesses=yes",
        etc__systemd__logind="KillUserProcesses=no",
    )
    assert not read_login(root).kills
    drop_in = root / "usr/lib/systemd/logind.conf.d/10-kill.conf"
    drop_in.parent.mkdir()
    drop_in.write_text("[Login]\nKillUserProcesses=1\nKillExcludeUsers=root admin\n")
    assert read_login(root) == Login(True, (), ("root", "admin"))
    assert (read_login(root).ends("me"), read_login(root).ends("admin")) == (True, False)
    hidden = root / "etc/systemd/logind.conf.d/10-kill.conf"
    hidden.parent.mkdir()
    hidden.write_text("[Login]\nKillUserProcesses=no\n")
    assert not read_login(root).kills
    shutil.rmtree(hidden.parent)
    (drop_in.parent / "20-only.conf").write_text("[Login]\nKillOnlyUsers=guest\n")
    assert (read_login(root).ends("me"), read_login(root).ends("guest")) == (False, True)


def test_inside_a_job_of_a_scheduler(tmp_path: Path) -> None:
    found = by_topic(look_at_logout(root=tmp_path, user="me", environment={"SLURM_JOB_ID": "42"}))
    assert found["scheduler"].found.startswith("inside Slurm job 42")
    assert found["log-out"].level == "ok"


def test_the_ledger_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cxrtui.show.doctor.console", Console(width=200))
    fields = {"kind": "train", "architecture": "net", "channels": 3, "image_size": 320}
    known = {"micro_batch": 64, "gpu": "H", "gpu_bytes": 80 * GIB, "peak": 70 * GIB}
    wanted = {**fields, **known, "ran_out": True, "fitted": False, "gpus": 1}
    names = PeakRecord.__dataclass_fields__
    show_ledger([PeakRecord(**{name: wanted[name] for name in names})])  # type: ignore[arg-type]
    line = capsys.readouterr().out.splitlines()[-1].split()
    assert line[:6] == ["train", "net", "3", "320", "64", "H"]
    assert " ".join(line[6:]).startswith("70.0 GiB 80.0 GiB ran out")
