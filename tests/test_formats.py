"""Every format: its valid folder is read whole; and the editions of CXR-LT since 2023."""

from pathlib import Path

import pytest
from data_folders import (
    FILES,
    FORMATS,
    add_row,
    change_cell,
    drop_row,
    labels_for,
    read_rows,
    write_folder,
)
from reading_folders import only_fault, place, read

from jobs.data.labels import ZERO_SHOT
from jobs.data.reading import read_dataset
from jobs.errors import InputError
from jobs.recipe.schema import DataFormat


@pytest.mark.parametrize("format_", FORMATS)
def test_a_valid_folder_has_no_faults_and_all_its_images(
    tmp_path: Path, format_: DataFormat
) -> None:
    settings = write_folder(format_, tmp_path)
    parts, faults = read(tmp_path, settings)
    assert faults == []
    named = {path for part in parts.values() for path in part.table.path.tolist()}
    written = {
        file.relative_to(tmp_path).as_posix()
        for file in tmp_path.rglob("*")
        if file.suffix in (".png", ".jpg")
    }
    assert named == written
    assert len(written) == 40
    for part in parts.values():
        assert part.table.labels == labels_for(format_)
        assert part.table.targets.any(axis=0).all()
        assert not part.table.targets.all(axis=0).any()
        header, rows = read_rows(part.file)
        assert len(rows) == part.rows
        assert set(part.column.values()) <= set(header)


@pytest.mark.parametrize("format_", FORMATS)
def test_the_four_splits_share_no_patient(tmp_path: Path, format_: DataFormat) -> None:
    settings = write_folder(format_, tmp_path)
    tables = read_dataset(tmp_path, settings, labels_for(format_))
    assert list(tables) == ["train", "val", "dev", "test"]
    assert sum(len(table) for table in tables.values()) == 40
    patients = [set(table.patient.tolist()) for table in tables.values()]
    assert sum(map(len, patients)) == len(set.union(*patients)) == 20
    images = [image for table in tables.values() for image in table.image.tolist()]
    assert len(set(images)) == 40


@pytest.mark.parametrize("format_", FORMATS)
def test_labels_are_those_of_the_file(tmp_path: Path, format_: DataFormat) -> None:
    settings = write_folder(format_, tmp_path)
    labels = labels_for(format_)[::-1][:2]
    parts, _ = read(tmp_path, settings, labels)
    for part in parts.values():
        rows = read_rows(part.file)[1]
        for line, targets in zip(part.line.tolist(), part.table.targets.tolist(), strict=True):
            row = rows[line - 2]
            listed = row.get("Labels", row.get("Finding Labels", ""))
            for label, found in zip(labels, targets, strict=True):
                assert found == (row.get(label) in ("1", "1.0") or label in listed)


@pytest.mark.parametrize(
    ("format_", "column"),
    [
        ("cxr-lt-2023", "subject_id"),
        ("cxr-lt-2024", "study_id"),
        ("cxr-lt-2026", "PatientID"),
        ("nih-chestxray14", "Patient ID"),
        ("padchest", "PatientID"),
        ("padchest", "StudyID"),
        ("csv", "patient"),
    ],
)
@pytest.mark.parametrize("text", ["10000032.0", "3.2400000e+38", "8E+35"])
def test_an_id_that_was_a_float_is_no_id(
    tmp_path: Path, format_: DataFormat, column: str, text: str
) -> None:
    settings = write_folder(format_, tmp_path)
    file = tmp_path / FILES[format_]["train"]
    change_cell(file, 5, column, text)
    fault = only_fault(tmp_path, settings)
    assert place(fault) == (file.name, 5, column, text)
    assert fault.problem == "was it saved as a number?"


@pytest.mark.parametrize("format_", FORMATS)
def test_an_image_that_is_there_twice(tmp_path: Path, format_: DataFormat) -> None:
    settings = write_folder(format_, tmp_path)
    file = tmp_path / FILES[format_]["train"]
    line = add_row(file, read_rows(file)[1][3])
    fault = only_fault(tmp_path, settings)
    assert (fault.row, fault.problem) == (line, "stands in line 5 already")


@pytest.mark.parametrize("task", [1, 2, 3])
def test_cxr_lt_2024_reads_the_files_of_its_task(tmp_path: Path, task: int) -> None:
    settings = write_folder("cxr-lt-2024", tmp_path).model_copy(update={"task": task})
    for part in ("dev", "test"):
        file = tmp_path / FILES["cxr-lt-2024"][part]
        file.rename(file.with_name(file.name.replace("task1", f"task{task}")))
    parts, _ = read(tmp_path, settings, ("Normal", "Mass"))
    assert [len(part.table) for part in parts.values()] == [24, 8, 8]


def test_zero_shot_labels_can_be_looked_at_but_not_trained(tmp_path: Path) -> None:
    settings = write_folder("cxr-lt-2024", tmp_path).model_copy(update={"task": 3})
    for part in ("dev", "test"):
        file = tmp_path / FILES["cxr-lt-2024"][part]
        text = file.read_text().replace("Tuberculosis,Tortuous Aorta", "Scoliosis,Bulla")
        file.unlink()
        file.with_name(file.name.replace("task1", "task3")).write_text(text)
    labels = ("Bulla", "Mass", "Scoliosis")
    parts, (fault,) = read(tmp_path, settings, labels)
    assert place(fault) == ("train_labeled.csv", 1, "Bulla, Scoliosis", "")
    assert fault.effect == "stops"
    assert parts["train"].table.labels == labels
    assert parts["train"].table.targets.any(axis=0).tolist() == [False, True, False]
    assert parts["dev"].table.targets.any(axis=0).all()
    with pytest.raises(InputError, match="no model can be trained on them"):
        read_dataset(tmp_path, settings, labels)
    with pytest.raises(InputError, match="column 'Cardiomyopathy': the column is absent"):
        read_dataset(tmp_path, settings, ZERO_SHOT)


def test_cxr_lt_2026_has_a_study_for_each_day_of_a_patient(tmp_path: Path) -> None:
    settings = write_folder("cxr-lt-2026", tmp_path)
    file = tmp_path / FILES["cxr-lt-2026"]["train"]
    change_cell(file, 3, "StudyDate_DICOM", "20140101.0")
    parts, _ = read(tmp_path, settings)
    studies = parts["train"].table.study.tolist()
    assert studies[0] == studies[1] == "839860488694292331637988235681000000-20140101"
    assert len(set(studies)) == 39
    change_cell(file, 3, "StudyDate_DICOM", "2014")
    assert place(only_fault(tmp_path, settings)) == (file.name, 3, "StudyDate_DICOM", "2014")


@pytest.mark.parametrize("folder", ["images/0", "7"])
def test_cxr_lt_2026_images_may_lie_in_numbered_folders(tmp_path: Path, folder: str) -> None:
    settings = write_folder("cxr-lt-2026", tmp_path)
    for file in sorted((tmp_path / "images").iterdir())[:15]:
        (tmp_path / folder).mkdir(exist_ok=True)
        file.rename(tmp_path / folder / file.name)
    parts, _ = read(tmp_path, settings)
    paths = parts["train"].table.path.tolist()
    assert all((tmp_path / path).is_file() for path in paths)
    assert sum(path.startswith(f"{folder}/") for path in paths) == 15


@pytest.mark.parametrize("format_", FORMATS)
def test_bad_rows_stop_a_run_but_not_a_check(tmp_path: Path, format_: DataFormat) -> None:
    settings = write_folder(format_, tmp_path)
    file = tmp_path / FILES[format_]["train"]
    with file.open("a") as text:
        text.write("just,two\n")
    parts, (fault,) = read(tmp_path, settings)
    assert (fault.effect, fault.found) == ("leaves out", "")
    rows = len(read_rows(file)[1])
    assert {part.rows for part in parts.values() if part.file == file} == {rows}
    with pytest.raises(InputError, match=f"1 of {rows} rows are bad"):
        read_dataset(tmp_path, settings, labels_for(format_))
    tolerant = settings.model_copy(update={"bad_rows": 0.1})
    tables = read_dataset(tmp_path, tolerant, labels_for(format_))
    assert sum(len(table) for table in tables.values()) == 40


def test_a_row_that_is_gone_is_one_less(tmp_path: Path) -> None:
    settings = write_folder("cxr-lt-2023", tmp_path)
    file = tmp_path / FILES["cxr-lt-2023"]["dev"]
    gone = drop_row(file, 4)
    images = read(tmp_path, settings)[0]["dev"].table.image.tolist()
    assert len(images) == 7
    assert gone["dicom_id"] not in images
