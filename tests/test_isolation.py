"""A user's own `jobs` and `db` are never imported in place of ours; torch is not needed to look."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def decoys(tmp_path: Path) -> Path:
    """A folder whose packages have our names, and tell when they are imported."""
    for name in ("jobs", "db"):
        package = tmp_path / "decoys" / name
        package.mkdir(parents=True)
        code = "import os, pathlib\npathlib.Path(os.environ['IMPORTED']).touch()\n"
        (package / "__init__.py").write_text(code)
    return tmp_path / "decoys"


def test_no_process_imports_a_users_own_packages(
    decoys: Path, recipe: Path, workspace: Path, tmp_path: Path
) -> None:
    """All processes: the command, phantom's painters, supervisor, runner, train, predict.

    Neither from the current folder, nor by PYTHONPATH, which outlives a change of folder.
    """
    text = recipe.read_text().replace(
        "[data]",
        "[data.phantom]\ntrain_images = 40\ndevelopment_images = 16\ntest_images = 16\n"
        "size = 32\nleast_share = 0.2\n[data]",
    )
    recipe.write_text(text)
    imported = tmp_path / "imported"
    environment = {**os.environ, "IMPORTED": str(imported), "PYTHONPATH": str(decoys)}
    command = Path(sys.executable).with_name("cxrtui")
    done = subprocess.run(
        [command, "run-all", "--recipe", str(recipe), "--workspace", str(workspace)],
        cwd=decoys,
        env=environment,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not imported.exists()


@pytest.fixture
def without_torch(workspace: Path, tmp_path: Path) -> dict[str, str]:
    """An environment in which the packages of the programs fail to import as if not installed."""
    block = tmp_path / "block"
    block.mkdir()
    for name in ("torch", "timm", "torchvision", "safetensors"):
        code = f"raise ModuleNotFoundError('No module named {name}', name='{name}')\n"
        (block / f"{name}.py").write_text(code)
    return {**os.environ, "PYTHONPATH": str(block), "CXRTUI_WORKSPACE": str(workspace)}


def _cxrtui(
    arguments: tuple[str, ...], environment: dict[str, str], folder: Path
) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "cxrtui", *arguments]
    return subprocess.run(line, env=environment, cwd=folder, capture_output=True, text=True)


def test_what_only_looks_works_without_torch_installed(
    without_torch: dict[str, str], tmp_path: Path
) -> None:
    for arguments in (
        ("--version",),
        ("init", "--recipe", "demo"),
        ("status",),
        ("queue", "list"),
        ("recipe", "show", "demo"),
        ("run-all", "--dry-run"),
    ):
        done = _cxrtui(arguments, without_torch, tmp_path)
        assert done.returncode == 0, done.stderr


def test_training_without_torch_says_what_to_install(
    without_torch: dict[str, str], recipe: Path, data_folder: Path, tmp_path: Path
) -> None:
    run = ("run-all", "--recipe", str(recipe), "--data", str(data_folder))
    done = _cxrtui(run, without_torch, tmp_path)
    assert done.returncode == 1
    assert "pip install 'cxrtui[train]'" in done.stdout


def test_the_dashboard_and_the_commands_import_neither_torch_nor_pandas() -> None:
    code = (
        "import sys, cxrtui.main, cxrtui.screens.all_screens, jobs.queue.supervisor\n"
        "print([name for name in ('torch', 'timm', 'pandas', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_the_runner_needs_the_standard_library_alone() -> None:
    code = "import jobs.runner, sys; print(sorted(m for m in sys.modules if '.' not in m))"
    done = subprocess.run(
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert "numpy" not in done.stdout
