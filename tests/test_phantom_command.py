"""`cxrtui data phantom`: what it prints, and what it refuses."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cxrtui.commands.data import app
from jobs.data.labels import LABELS
from jobs.data.phantom.rows import draw_rows
from jobs.errors import InputError
from jobs.recipe.schema import PhantomSettings


def phantom(folder: Path, *options: str) -> str:
    result = CliRunner().invoke(
        app, ["phantom", str(folder), "--size", "32", *options], catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    return result.output


def test_it_tells_what_it_wrote_and_how_quickly(tmp_path: Path) -> None:
    options = ("--images", "81", "--floor", "3", "--least-share", "0.025")
    output = phantom(tmp_path / "p", *options)
    assert "a phantom of 40 train, 10 development, 31 test images of 32 px" in output
    assert "labels rarer than 2.5% were raised" in output
    assert "each label has at least 3 positive images in each part" in output
    assert "images a second" in output
    assert len(list((tmp_path / "p").rglob("*.jpg"))) == 81
    assert "it was there already" in phantom(tmp_path / "p", *options)


def test_a_part_may_be_given_in_place_of_its_share(tmp_path: Path) -> None:
    options = ("--train-images", "5", "--development-images", "4", "--test-images", "3")
    assert "5 train, 4 development, 3 test" in phantom(tmp_path / "p", *options, "--seed", "4")
    assert len(list((tmp_path / "p").rglob("*.jpg"))) == 12


def test_labels_come_from_a_file(tmp_path: Path) -> None:
    source = phantom_csv(tmp_path)
    with source.open("a") as text:
        text.write("lost\n")
    output = phantom(tmp_path / "p", "--images", "32", "--labels", str(source))
    assert f"{source}: 1 of its rows not used; the first: {source}, line 42: 1 fields" in output
    settings = json.loads((tmp_path / "p" / "phantom.json").read_text())["settings"]
    assert len(settings["labels_file"]) == 64


def test_what_cannot_be_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="floor 20: 10 dev images"):
        phantom(tmp_path / "p", "--images", "80", "--floor", "20")
    with pytest.raises(InputError, match="has 40 rows that can be used"):
        phantom(tmp_path / "p", "--images", "80", "--labels", str(phantom_csv(tmp_path)))
    with pytest.raises(InputError, match="cannot be read: No such file"):
        phantom(tmp_path / "p", "--labels", str(tmp_path / "none.csv"))
    assert not (tmp_path / "p").exists()


def phantom_csv(folder: Path) -> Path:
    """A table of 40 images."""
    settings = PhantomSettings(train_images=40, development_images=1, test_images=1, size=32)
    table = draw_rows(settings, "train").table
    columns = (table.image, table.patient, table.study, table.view)
    lines = [",".join(["dicom_id", "subject_id", "study_id", "ViewPosition", *LABELS])]
    for *row, targets in zip(*columns, table.targets.astype(int), strict=True):
        lines.append(",".join([*row, *map(str, targets)]))
    file = folder / "train.csv"
    file.write_text("\n".join(lines) + "\n")
    return file
