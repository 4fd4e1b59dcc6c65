"""`cxrtui data`: what it prints, and its exit codes."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cxrtui.commands.data import app
from jobs.data.labels import LABELS
from jobs.errors import InputError

SMALL = ("--images", "80", "--size", "32", "--floor", "0.025")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "phantom"
    result = CliRunner().invoke(app, ["phantom", str(root), *SMALL])
    assert result.exit_code == 0, result.output
    assert "40 train, 10 development, 30 test images of 32 px" in result.output
    assert "2.5%" in result.output
    return root


def check(root: Path, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["check", str(root), *options])
    return result.exit_code, result.output


def test_a_phantom_has_no_problems(folder: Path) -> None:
    code, output = check(folder)
    assert code == 0
    assert f"{folder}: 80 images" in output
    assert "no problems" in output
    code, output = check(folder, "--json")
    document = json.loads(output)
    assert code == 0
    assert document["rows"] == 80
    assert document["rows"] >= document["studies"] >= document["patients"] > 0
    assert sum(document["views"].values()) == 80
    assert [label["label"] for label in document["labels"]] == list(LABELS)
    assert document["labels"][0]["group"] == "head"
    assert document["problems"] == []


def test_a_patient_in_two_splits_is_a_problem(folder: Path) -> None:
    train, test = (folder / "cxr-lt-2023" / name for name in ("train.csv", "test.csv"))
    lines = test.read_text().splitlines()
    patient = train.read_text().splitlines()[1].split(",")[1]
    fields = lines[4].split(",")
    lines[4] = ",".join([fields[0], patient, *fields[2:]])
    test.write_text("\n".join(lines) + "\n")
    code, output = check(folder, "--json")
    assert code == 2
    assert json.loads(output)["problems"] == [
        {
            "file": str(test),
            "row": 5,
            "column": "subject_id",
            "found": patient,
            "problem": "the patient is in split train too",
        }
    ]


def test_an_absent_image_is_a_problem(folder: Path) -> None:
    image = next(folder.rglob("*.jpg"))
    image.unlink()
    code, output = check(folder)
    assert code == 2
    assert "no such image file" in output
    assert str(image.relative_to(folder)) in output
    assert "1 problem" in output


def test_what_cannot_be_read_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"train\.csv: no such file"):
        CliRunner().invoke(app, ["check", str(tmp_path)], catch_exceptions=False)


def test_a_part_may_be_given_in_place_of_its_share(tmp_path: Path) -> None:
    options = ("--train-images", "5", "--development-images", "4", "--test-images", "3")
    result = CliRunner().invoke(
        app, ["phantom", str(tmp_path / "p"), *options, "--size", "32", "--seed", "4"]
    )
    assert result.exit_code == 0
    assert "5 train, 4 development, 3 test" in result.output
    assert len(list((tmp_path / "p").rglob("*.jpg"))) == 12
