"""A table of one's own, as the recipe describes it."""

import csv
from pathlib import Path

import pytest
from data_folders import (
    change_cell,
    labels_for,
    read_rows,
    write_folder,
)
from reading_folders import only_fault, place, read

from jobs.data.reading import read_dataset
from jobs.data.table import FRONTAL_VIEWS
from jobs.errors import InputError
from jobs.recipe.schema import CsvSettings, DataSettings


def test_a_table_of_ones_own(tmp_path: Path) -> None:
    write_folder("csv", tmp_path)
    header, rows = read_rows(tmp_path / "train.csv")
    names = dict(zip(header, ["file", "who", "visit", "side", "Mass", "Edema"], strict=True))
    with (tmp_path / "mine.csv").open("w", newline="") as text:
        csv.writer(text).writerows([names.values(), *(row.values() for row in rows)])
    own = CsvSettings(train="mine.csv", image="file", patient="who", view="side", frontal=("LL",))
    settings = DataSettings(format="csv", csv=own)
    parts, faults = read(tmp_path, settings)
    assert (list(parts), faults) == (["train"], [])
    table = parts["train"].table
    assert table.view[:2].tolist() == ["FRONTAL", "OTHER"]
    assert "FRONTAL" in FRONTAL_VIEWS
    assert table.study.tolist() == table.image.tolist() == table.path.tolist()
    tables = read_dataset(tmp_path, settings, labels_for("csv"))
    assert sum(len(table) for table in tables.values()) == 24


def test_a_table_of_ones_own_without_views(tmp_path: Path) -> None:
    settings = write_folder("csv", tmp_path)
    assert settings.csv is not None
    without = settings.model_copy(update={"csv": settings.csv.model_copy(update={"view": None})})
    assert set(read(tmp_path, without)[0]["train"].table.view.tolist()) == {""}


@pytest.mark.parametrize(
    ("column", "text"),
    [("image", "../a.png"), ("image", "/a.png"), ("image", " "), ("patient", ""), ("study", "")],
)
def test_a_table_of_ones_own_with_a_bad_row(tmp_path: Path, column: str, text: str) -> None:
    settings = write_folder("csv", tmp_path)
    change_cell(tmp_path / "dev.csv", 3, column, text)
    assert place(only_fault(tmp_path, settings)) == ("dev.csv", 3, column, text)


def test_a_table_of_ones_own_lies_in_the_data_folder(tmp_path: Path) -> None:
    settings = DataSettings(format="csv", csv=CsvSettings(train="../train.csv"))
    with pytest.raises(InputError, match="relative to the data folder"):
        read(tmp_path, settings)
