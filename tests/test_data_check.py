"""`data check` on planted faults: it names the one that is there, and nothing else."""

from pathlib import Path

import pytest
from data_folders import FORMATS, SETTINGS, change_cell, labels_for, write_folder
from planted_across import ACROSS
from planted_rows import IN_A_FILE
from planting import Folder, Plant, write_sharing_images

from jobs.data.check.folder import check_data
from jobs.recipe.schema import DataFormat


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[DataFormat, Path]:
    """An unharmed folder of each format."""
    folders = {format_: tmp_path_factory.mktemp(format_) for format_ in FORMATS}
    for format_, root in folders.items():
        write_folder(format_, root)
    return folders


@pytest.mark.parametrize("format_", FORMATS)
def test_an_unharmed_folder_has_no_faults(format_: DataFormat, tmp_path: Path) -> None:
    settings = write_folder(format_, tmp_path)
    seen = check_data(tmp_path, settings, labels_for(format_), open_images=True, min_size=40)
    assert seen.faults == ()
    assert not seen.changes_results
    assert seen.counts is not None
    assert seen.counts.rows == 40
    assert seen.counts.patients == 20
    assert sum(split.rows for split in seen.counts.splits.values()) == 40


@pytest.mark.parametrize(
    ("format_", "spoil"), [*IN_A_FILE, *ACROSS], ids=lambda value: getattr(value, "__name__", value)
)
def test_a_planted_fault_is_told_and_nothing_else(
    format_: DataFormat, spoil: Plant, tmp_path: Path, whole: dict[DataFormat, Path]
) -> None:
    told = spoil(write_sharing_images(whole[format_], Folder(format_, tmp_path)))
    seen = check_data(tmp_path, SETTINGS[format_], labels_for(format_))
    assert len(seen.faults) == 1, [str(fault) for fault in seen.faults]
    [fault] = seen.faults
    place = (str(told.file), told.row, told.column, told.found, told.effect)
    assert (fault.file, fault.row, fault.column, fault.found, fault.effect) == place
    assert told.words in fault.problem
    assert seen.changes_results == told.changes_results


def test_every_fault_is_told_where_there_are_several(tmp_path: Path) -> None:
    settings = write_folder("csv", tmp_path)
    labels = labels_for("csv")
    for line, text in ((3, "x"), (5, "2"), (9, "")):
        change_cell(tmp_path / "train.csv", line, labels[0], text)
    for line in (4, 5):
        change_cell(tmp_path / "dev.csv", line, "patient", "P000")
    (tmp_path / "pictures" / "0001.png").unlink()
    (tmp_path / "pictures" / "0033.png").write_bytes(b"")
    seen = check_data(tmp_path, settings, labels)
    assert [(Path(fault.file).name, fault.row, fault.effect) for fault in seen.faults] == [
        ("train.csv", 3, "leaves out"),
        ("train.csv", 5, "leaves out"),
        ("train.csv", 9, "leaves out"),
        ("dev.csv", 4, "changes results"),
        ("test.csv", 3, "stops"),
    ]


def test_bad_rows_change_results_where_they_are_more_than_allowed(tmp_path: Path) -> None:
    settings = write_folder("csv", tmp_path)
    labels = labels_for("csv")
    change_cell(tmp_path / "train.csv", 3, labels[0], "x")
    for allowed, changes in ((1 / 24, False), (0.04, True), (0.0, True)):
        own = settings.model_copy(update={"bad_rows": allowed})
        seen = check_data(tmp_path, own, labels)
        assert [fault.effect for fault in seen.faults] == ["leaves out"]
        [rows] = seen.left_out.values()
        assert (rows.bad, rows.rows, rows.too_many) == (1, 24, changes)
        assert seen.changes_results == changes


def test_an_image_that_is_excluded_is_not_missed(tmp_path: Path) -> None:
    settings = write_folder("csv", tmp_path).model_copy(update={"exclude": "damaged.txt"})
    for name in ("0001.png", "0033.png"):
        (tmp_path / "pictures" / name).unlink()
    (tmp_path / "damaged.txt").write_text("pictures/0001.png\npictures/0033.png\n")
    seen = check_data(tmp_path, settings, labels_for("csv"))
    assert (seen.faults, seen.changes_results) == ((), False)
    assert seen.counts is not None
    assert seen.counts.rows == 38
    (tmp_path / "damaged.txt").write_text("pictures/0001.png\npictures/0033.png\npictures/x.png\n")
    [fault] = check_data(tmp_path, settings, labels_for("csv")).faults
    assert (fault.file, fault.row, fault.found) == (
        str(tmp_path / "damaged.txt"),
        3,
        "pictures/x.png",
    )
