"""What Tab offers, asked for as a shell does: by the real protocol, in a process of its own."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from db.jobs import jobs, set_state
from jobs.choice import Choice, ensemble_entry
from jobs.queue.journal import record
from jobs.workspace import Workspace, WorkspaceSettings, make_workspace

HEAVY = ("sqlalchemy", "numpy", "pandas", "textual", "torch", "jobs.workspace", "jobs.recipe.check")

IMPORTED = {"path": "imports/x.parquet", "sha256": "0", "rows": 1, "source": "x.csv"}


@pytest.fixture
def made(workspace: Path, chain: Path) -> Workspace:
    """A workspace with jobs that nobody works on."""
    made = make_workspace(workspace, WorkspaceSettings(str(chain)))
    about = {"name": "chain", "version": "1", "text": "", "data_root": ""}
    added = [
        {
            "key": f"{model} {kind}", "kind": kind, "recipe": "chain", "stage": stage,
            "model": model, "folder": f"runs/chain/{model}/{kind}", "needs": [], "spec": {},
        }
        for stage, model in (("stage1", "a"), ("stage2", "b"))
        for kind in ("train", "predict")
    ]  # fmt: skip
    record(
        made,
        {"kind": "recipe", "stages": [], "models": [], "targets": [], **about},
        {"kind": "add", "jobs": added, "priority": 0},
        {"kind": "import", "recipe": "chain", "name": "theirs", "splits": {"dev": IMPORTED}},
        ensemble_entry("chain", "mine", Choice({"a": 1.0}, "none"), {"a": "0"}),
    )
    with made.database.write() as connection:
        for job in jobs(connection):
            state = {"a train": "succeeded", "a predict": "running"}.get(job.name, "paused")
            set_state(connection, job.id, state, "")
    return made


def offered(line: str, folder: Path, **environment: str) -> list[str]:
    """What bash is offered for the last word of a line, in a folder; nothing may go wrong."""
    words = line.split(" ")
    asked = {
        "_CXRTUI_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(len(words) - 1),
    }
    return ask(folder, {**asked, **environment}).split()


def ask(folder: Path, environment: dict[str, str]) -> str:
    code = (
        "import sys; sys.argv[0] = 'cxrtui'; from cxrtui.entry import main\n"
        "try:\n    main()\n"
        f"finally:\n    assert not set({HEAVY}) & set(sys.modules), 'slow'"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_targets_of_the_recipe(made: Workspace, tmp_path: Path) -> None:
    root = made.paths.root
    all_of_it = offered(f"cxrtui -w {root} queue add ", tmp_path)
    assert all_of_it == ["all", "stage1", "stage2", "stage3", "a", "b", "c", "both"]
    assert offered(f"cxrtui queue add --workspace {root} a st", tmp_path) == all_of_it[1:4]
    by_environment = offered("cxrtui queue add b", tmp_path, CXRTUI_WORKSPACE=str(root))
    assert by_environment == ["b", "both"]
    root.rename(tmp_path / ".cxrtui")
    assert offered("cxrtui queue add b", tmp_path) == ["b", "both"]
    assert offered("cxrtui ensemble score m", tmp_path) == ["mine"]
    members = ["a", "b", "c", "both", "theirs", "mine"]
    assert offered("cxrtui ensemble export ", tmp_path) == members
    assert offered("cxrtui ensemble import ", tmp_path) == ["theirs"]
    chain = Path(tomllib.loads((tmp_path / ".cxrtui/workspace.toml").read_text())["recipe"])
    chain.write_text("seeds = [0, 2]\n" + chain.read_text())
    assert offered("cxrtui ensemble score b", tmp_path) == ["b-s0", "b-s2", "both-s0", "both-s2"]
    assert offered("cxrtui queue add b", tmp_path)[:3] == ["b", "both", "b-s0"]
    (tmp_path / ".cxrtui").rename(root)


def test_jobs_that_a_verb_would_change(made: Workspace, tmp_path: Path) -> None:
    start = f"cxrtui -w {made.paths.root} queue"
    ensembles = ["both", "mine"]
    assert offered(f"{start} resume ", tmp_path) == [
        "all", "stage2", "b", "3", "4", *ensembles,
    ]  # fmt: skip
    assert offered(f"{start} retry ", tmp_path) == ["all", "stage1", "a", "1", *ensembles]
    assert offered(f"{start} release ", tmp_path) == []
    assert offered(f"{start} log a.", tmp_path) == ["a.train", "a.predict"]
    assert offered(f"{start} list --state pa", tmp_path) == ["paused"]
    shown = ask(
        tmp_path,
        {
            "_CXRTUI_COMPLETE": "complete_fish",
            "_TYPER_COMPLETE_FISH_ACTION": "get-args",
            "_TYPER_COMPLETE_ARGS": f"{start} cancel ",
        },
    )
    assert "2\ta predict, running\n" in shown
    assert "b\ttrain paused, predict paused\n" in shown


def test_recipes_are_names_and_files(tmp_path: Path) -> None:
    (tmp_path / "recipes").mkdir()
    (tmp_path / "recipes/mine.toml").write_text("")
    (tmp_path / "recipes/$(touch x).toml").write_text("")
    (tmp_path / "notes.txt").write_text("")
    found = offered("cxrtui run-all --recipe ", tmp_path)
    assert sorted(found) == ["cxr-lt-2023", "demo", "phantom-study", "recipes/"]
    assert offered("cxrtui init -r recipes/", tmp_path) == ["recipes/mine.toml"]


def test_where_something_is_wrong_nothing_is_offered_and_nothing_said(
    made: Workspace, tmp_path: Path, chain: Path
) -> None:
    root = made.paths.root
    assert offered("cxrtui queue add ", tmp_path) == []
    assert offered("cxrtui -w /nowhere queue cancel ", tmp_path) == []
    chain.write_text('stages = "none"\nmodels = 3')
    assert offered(f"cxrtui -w {root} queue add s", tmp_path) == []
    assert offered(f"cxrtui -w {root} queue log a", tmp_path) == ["all", "a"]
    chain.write_text("[[[")
    made.database.close()
    made.paths.database.write_bytes(b"no database" * 1000)
    assert offered(f"cxrtui -w {root} queue log a", tmp_path) == []
    made.paths.settings.write_bytes(b"\xff")
    assert offered(f"cxrtui -w {root} queue add s", tmp_path) == []
