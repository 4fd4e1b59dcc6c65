"""The main job with the real programs: what it prints, and that its numbers are computed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Command
from finished_workspace import copy_of, make_real, result_table


def test_the_main_job_prints_a_clean_table_and_another_seed_changes_it(
    cxrtui: Command,
    recipe: Path,
    data_folder: Path,
    workspace: Path,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    made = make_real(tmp_path_factory.getbasetemp(), data_folder)
    assert made.with_name("stderr").read_text() == ""
    assert "Mean" in made.with_name("stdout").read_text()
    copy_of(made, tmp_path)
    first = result_table(workspace)
    expect_equal_weights_by_hand(next(workspace.glob("runs/one/a-*/train/job.json")), tmp_path)
    recipe.write_text(recipe.read_text().replace("[defaults]", "[defaults]\nseed = 1"))
    again = json.loads(cxrtui("run-all", "--recipe", str(recipe), "--json").stdout)
    assert [line["kind"] for line in again["plan"] if not line["runs"]] == ["pack"]
    assert again["results"]["mean"] != first["mean"]
    logs = [*workspace.glob("runs/**/log.txt"), workspace / "supervisor.log"]
    assert len(logs) == 6
    for log in logs:
        text = log.read_text().lower()
        assert "warning" not in text
        assert "traceback" not in text


def expect_equal_weights_by_hand(job: Path, folder: Path) -> None:
    """The next attempt beside `job.json`, run by hand, ends with the same weights, bit by bit."""
    start = Path(__file__).resolve().parent.parent / "jobs" / "start.py"
    line = [sys.executable, "-P", str(start), "jobs.programs.train", str(job)]
    subprocess.run(line, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    weights = [job.parent / f"attempt-{number}" / "weights.safetensors" for number in (1, 2)]
    assert weights[0].read_bytes() == weights[1].read_bytes()


def test_results_before_anything_ran_say_what_to_do(
    cxrtui: Command, recipe: Path, data_folder: Path
) -> None:
    cxrtui("init", "--recipe", str(recipe), "--data", str(data_folder))
    done = cxrtui("results", check=False)
    assert done.returncode == 2
    assert "cxrtui run-all" in done.stderr


def test_a_recipe_without_data_asks_for_it(cxrtui: Command, recipe: Path, workspace: Path) -> None:
    done = cxrtui("run-all", "--recipe", str(recipe), check=False)
    assert done.returncode == 2
    assert "--data" in done.stderr


def test_a_data_folder_that_is_not_there_is_one_line(cxrtui: Command, workspace: Path) -> None:
    done = cxrtui("run-all", "--recipe", "demo", "--data", "/nowhere", check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "/nowhere: no such data folder" in done.stderr
    assert not workspace.exists()


def test_no_workspace_and_no_recipe_is_one_line(cxrtui: Command, workspace: Path) -> None:
    done = cxrtui("run-all", check=False)
    assert done.returncode == 2
    assert "--recipe" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not workspace.exists()
