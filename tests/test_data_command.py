"""`cxrtui data check`: what it prints, what it asks of a person, and its exit codes."""

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from conftest import hear_signals
from data_folders import FILES, FORMATS, change_cell, labels_for, write_folder
from PIL import Image
from typer.testing import CliRunner

from cxrtui.commands.data import app
from jobs.data.check.detect import detect_format
from jobs.data.labels import LABELS
from jobs.errors import InputError
from jobs.recipe.schema import DataFormat

TRAIN, DEV, TEST = FILES["cxr-lt-2023"].values()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "mimic"
    write_folder("cxr-lt-2023", root)
    return root


def check(root: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", str(root), *options])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def document(root: Path, *options: str) -> tuple[int, dict[str, Any]]:
    code, output = check(root, "--json", *options)
    return code, json.loads(output)


def test_what_a_folder_has(folder: Path) -> None:
    code, found = document(folder)
    assert code == 0
    assert (found["format"], found["rows"], found["patients"]) == ("cxr-lt-2023", 40, 20)
    assert found["studies"] == 20
    assert found["views"] == {"PA": 20, "LATERAL": 20}
    assert [label["label"] for label in found["labels"]] == list(LABELS)
    for label in found["labels"]:
        splits = label["by_split"]
        assert label["positives"] == splits["train"] + splits["val"]
        assert label["share"] == label["positives"] / 24
        assert label["group"] == ("head" if label["share"] > 0.1 else "medium")
    rows = {name: split["rows"] for name, split in found["splits"].items()}
    assert rows["train"] + rows["val"] == 24
    assert (rows["dev"], rows["test"]) == (8, 8)
    assert (found["problems"], found["changes_results"]) == ([], False)


def test_what_a_person_reads(folder: Path) -> None:
    code, output = check(folder, "--images", "--min-size", "40")
    assert code == 0
    said = f"{folder}: cxr-lt-2023, 40 images of 20 studies of 20 patients"
    assert output.splitlines()[0] == said
    assert "views: PA 20, LATERAL 20" in output
    assert output.splitlines()[-1] == "No faults."


def test_a_fault_that_changes_results_ends_with_2(folder: Path) -> None:
    for line in (2, 3):
        change_cell(folder / TEST, line, "subject_id", "10000032")
    code, found = document(folder)
    assert code == 2
    assert found["problems"] == [
        {
            "file": str(folder / TEST),
            "row": 2,
            "column": "subject_id",
            "found": "10000032",
            "problem": "the patient is in split train too (train.csv, line 2)",
            "effect": "changes results",
        }
    ]
    code, output = check(folder)
    assert code == 2
    assert "Results would change (1 place)" in output
    assert f"{TEST}, line 2, subject_id: 10000032" in output
    assert "(exit code 2)" in output


def test_a_file_that_cannot_be_used_has_no_counts(folder: Path) -> None:
    (folder / DEV).unlink()
    code, found = document(folder)
    assert code == 2
    assert (found["rows"], found["views"], found["labels"]) == (None, {}, [])
    assert [problem["effect"] for problem in found["problems"]] == ["stops"]
    code, output = check(folder)
    assert code == 2
    assert f"{DEV}: " not in output.splitlines()[0]
    assert f"  {DEV}" in output


def test_images_are_opened_only_if_asked(folder: Path) -> None:
    image = next(folder.rglob("*.jpg"))
    Image.new("RGB", (50, 50)).save(image)
    assert document(folder)[1]["problems"] == []
    code, found = document(folder, "--images", "--min-size", "40")
    assert code == 0, "a coloured image changes nothing: it is converted"
    assert [problem["effect"] for problem in found["problems"]] == ["none"]
    code, found = document(folder, "--images", "--min-size", "200")
    assert code == 2
    assert len(found["problems"]) == 41, "all 40 images are under 200 px"


def test_many_faults_stay_on_a_screen(folder: Path) -> None:
    for line in range(2, 20):
        for label in LABELS[:5]:
            change_cell(folder / TRAIN, line, label, f"{line}?")
    for image in sorted(folder.rglob("*.jpg")):
        image.unlink()
    code, output = check(folder)
    assert code == 2
    faults = output.partition("A run would stop")[2].splitlines()
    assert len(faults) < 24
    assert "no such image file: 22 places" in output
    assert "it must be 0 or 1: 90 places" in output
    assert "and 87 more" in output
    assert f"{TRAIN}: 18 of 24 rows (75.00%), more than the 0.1% allowed" in output


def test_what_files_say_reaches_no_terminal(folder: Path) -> None:
    change_cell(folder / TRAIN, 3, "Edema", "\x1b[31m1")
    assert "\x1b" not in check(folder)[1]


@pytest.mark.parametrize("format_", [one for one in FORMATS if one != "csv"])
def test_the_format_is_told_by_the_files(format_: DataFormat, tmp_path: Path) -> None:
    write_folder(format_, tmp_path)
    assert detect_format(tmp_path) == format_


def test_a_recipe_says_format_labels_and_columns(tmp_path: Path) -> None:
    root = tmp_path / "own"
    write_folder("csv", root)
    recipe = tmp_path / "own.toml"
    recipe.write_text(RECIPE)
    code, found = document(root, "--recipe", str(recipe))
    assert code == 0
    assert found["format"] == "csv"
    assert [label["label"] for label in found["labels"]] == list(labels_for("csv"))
    change_cell(root / "train.csv", 3, "Mass", "?")
    code, found = document(root, "--recipe", str(recipe))
    assert code == 0, "1 row in 24 is what this recipe allows"
    assert found["left_out"] == {str(root / "train.csv"): {"bad": 1, "rows": 24, "allowed": 0.05}}


RECIPE = """
name = "own"
labels = ["Mass", "Edema"]
[data]
format = "csv"
bad_rows = 0.05
[data.csv]
dev = "dev.csv"
test = "test.csv"
study = "study"
view = "view"
[[stages]]
name = "stage1"
[[models]]
name = "a"
stage = "stage1"
image_size = 32
batch_size = 16
"""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--format", "padchst"), "no such format"),
        (("--format", "padchest"), "give --recipe"),
        (("--format", "csv", "--recipe", "demo"), "give one of them"),
    ],
)
def test_what_is_asked_amiss_is_an_input_error(
    folder: Path, options: tuple[str, ...], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        CliRunner().invoke(app, ["check", str(folder), *options], catch_exceptions=False)
    with pytest.raises(InputError, match="no such folder"):
        CliRunner().invoke(app, ["check", str(folder / "x")], catch_exceptions=False)


def run(root: Path, *options: str) -> list[str]:
    return [sys.executable, "-m", "cxrtui", "data", "check", str(root), *options]


def test_the_command_itself(folder: Path) -> None:
    (folder / TEST).write_bytes(b"")
    done = subprocess.run(run(folder, "--json"), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    [problem] = json.loads(done.stdout)["problems"]
    assert problem["file"] == str(folder / TEST)


def test_ctrl_c_ends_the_opening_of_images_at_once(folder: Path, tmp_path: Path) -> None:
    slow = tmp_path / "slow.png"
    Image.new("L", (4000, 4000)).save(slow)
    for image in sorted(folder.rglob("*.jpg")):
        image.unlink()
        image.hardlink_to(slow)
    ours, theirs = pty.openpty()
    child = subprocess.Popen(
        run(folder, "--images"), stdout=theirs, stderr=theirs, preexec_fn=hear_signals
    )
    os.close(theirs)
    seen = b""
    try:
        while b"opening images" not in seen:
            seen += os.read(ours, 1 << 16)
        child.send_signal(signal.SIGINT)
        assert child.wait() == 130
        seen += os.read(ours, 1 << 16)
    finally:
        child.kill()
        os.close(ours)
    assert b"Traceback" not in seen
    assert b"No faults" not in seen
