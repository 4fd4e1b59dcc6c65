"""CheXpert: uncertain labels, what paths say, views, the test file."""

from pathlib import Path

from data_folders import (
    cell,
    change_cell,
    drop_column,
    labels_for,
    write_folder,
)
from reading_folders import only_fault, place, read

from jobs.data.reading import read_dataset


def test_chexpert_uncertain_labels_go_by_the_policy(tmp_path: Path) -> None:
    settings = write_folder("chexpert", tmp_path)
    label = labels_for("chexpert")[1]
    assert cell(tmp_path / "train.csv", 2, label) == "-1.0"
    for policy, expected in ((None, False), ("zeros", False), ("ones", True)):
        chosen = settings.model_copy(update={"uncertain": policy})
        parts, faults = read(tmp_path, chosen, (label,))
        assert faults == []
        assert parts["train"].table.targets[0].tolist() == [expected]
    change_cell(tmp_path / "train.csv", 2, label, "2")
    assert place(only_fault(tmp_path, settings)) == ("train.csv", 2, label, "2")


def test_chexpert_paths_say_who_it_is(tmp_path: Path) -> None:
    settings = write_folder("chexpert", tmp_path)
    parts, _ = read(tmp_path, settings)
    table = parts["train"].table
    assert (table.patient[3], table.study[3]) == ("00002", "00002-2")
    assert table.path[3] == "train/patient00002/study2/view1_lateral.jpg"
    wrong = "CheXpert-v1.0-small/train/00002/study2/view1_lateral.jpg"
    change_cell(tmp_path / "train.csv", 5, "Path", wrong)
    assert place(only_fault(tmp_path, settings)) == ("train.csv", 5, "Path", wrong)


def test_chexpert_in_a_folder_of_its_own_name(tmp_path: Path) -> None:
    settings = write_folder("chexpert", tmp_path / "CheXpert-v1.0-small")
    parts, _ = read(tmp_path, settings)
    for part in parts.values():
        assert all((tmp_path / path).is_file() for path in part.table.path.tolist())


def test_chexpert_views(tmp_path: Path) -> None:
    settings = write_folder("chexpert", tmp_path)
    train, test = tmp_path / "train.csv", tmp_path / "test.csv"
    change_cell(train, 2, "AP/PA", "")
    change_cell(train, 4, "AP/PA", "PA")
    for column in ("Frontal/Lateral", "AP/PA", "Sex", "Age"):  # so is the official test file
        drop_column(test, column)
    parts, faults = read(tmp_path, settings)
    assert faults == []
    assert parts["train"].table.view[:4].tolist() == ["FRONTAL", "LATERAL", "PA", "LATERAL"]
    assert parts["test"].table.view[:2].tolist() == ["FRONTAL", "LATERAL"]
    assert set(parts["test"].column.values()) == {"Path"}
    change_cell(train, 3, "Frontal/Lateral", "Oblique")
    assert place(only_fault(tmp_path, settings))[1:] == (3, "Frontal/Lateral", "Oblique")


def test_chexpert_without_its_test_file(tmp_path: Path) -> None:
    settings = write_folder("chexpert", tmp_path)
    (tmp_path / "test.csv").unlink()
    tables = read_dataset(tmp_path, settings, labels_for("chexpert"))
    assert len(tables["dev"]) == 8
    assert len(tables["train"]) + len(tables["val"]) + len(tables["test"]) == 24
