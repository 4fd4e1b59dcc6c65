"""The reader of CXR-LT 2023 label files, and what becomes of rows that cannot be used."""

import csv
import gzip
from pathlib import Path

import numpy as np
import pytest

from jobs.data.faults import Fault, Faults
from jobs.data.formats import cxr_lt_2023
from jobs.data.formats.mimic_metadata import check_metadata
from jobs.data.part import Part
from jobs.data.reading import read_dataset, read_parts
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.recipe.schema import DataSettings

LABELS = ("Edema", "Hernia", "Mass")
METADATA = ("dicom_id", "subject_id", "study_id", "ViewPosition", "ViewCodeSequence_CodeMeaning")
HEADER = (*METADATA, "path", *LABELS)


def row(number: int, **changes: str) -> dict[str, str]:
    usual = {
        "dicom_id": f"{number:08x}-00000001",
        "subject_id": f"1000{number:04d}",
        "study_id": f"s5000{number:04d}",
        "ViewPosition": "PA",
        "ViewCodeSequence_CodeMeaning": "postero-anterior",
        "path": f"files/p10/p1000{number:04d}/s5000{number:04d}/{number:08x}-00000001.jpg",
        "Edema": "1",
        "Hernia": "0",
        "Mass": "1",
    }
    return usual | changes


def write(
    root: Path,
    rows: list[dict[str, str]],
    name: str = "train.csv",
    header: tuple[str, ...] = HEADER,
) -> Path:
    path = root / "cxr-lt-2023" / name
    path.parent.mkdir(exist_ok=True)
    with path.open("w", newline="") as file:
        lines = csv.DictWriter(file, header, extrasaction="ignore")
        lines.writeheader()
        lines.writerows(rows)
    return path


FILES = ("train.csv", "development.csv", "test.csv")
SETTINGS = DataSettings()


def read_train(
    root: Path, labels: tuple[str, ...] = LABELS, settings: DataSettings = SETTINGS
) -> tuple[ImageTable, list[Fault]]:
    """The training part and the faults of it; the other two files are copies with one row."""
    for number, name in enumerate(FILES[1:], start=900):
        write(root, [row(number)], name=name)
    faults = Faults()
    parts = cxr_lt_2023.read(root, settings, labels, faults)
    return parts["train"].table, faults.found


def test_columns_are_selected_by_name_in_the_order_given(tmp_path: Path) -> None:
    write(tmp_path, [row(1), row(2, Mass="0")], header=tuple(reversed(HEADER)))
    table, faults = read_train(tmp_path, ("Mass", "Edema"))
    assert table.split == "train"
    assert table.labels == ("Mass", "Edema")
    assert table.targets.tolist() == [[True, True], [False, True]]
    assert table.view.tolist() == ["PA", "PA"]
    assert table.path[0] == "files/p10/p10000001/s50000001/00000001-00000001.jpg"
    assert faults == []


def test_study_ids_of_both_releases_are_the_same(tmp_path: Path) -> None:
    write(tmp_path, [row(1), row(2, study_id="50000002", subject_id="p10000002")])
    table, _ = read_train(tmp_path)
    assert table.study.tolist() == ["50000001", "50000002"]
    assert table.patient.tolist() == ["10000001", "10000002"]


def test_ids_stay_text(tmp_path: Path) -> None:
    long = "9007199254740993"  # the first integer that a float cannot hold
    write(tmp_path, [row(1, subject_id=long, dicom_id="0012e5"), row(2, subject_id="00000007")])
    table, _ = read_train(tmp_path)
    assert table.patient.tolist() == [long, "00000007"]
    assert table.image[0] == "0012e5"


def test_label_values_and_blanks(tmp_path: Path) -> None:
    write(tmp_path, [row(1, Edema="1.0", Hernia="0.0", Mass=" 1 ", subject_id=" 10000001 ")])
    table, faults = read_train(tmp_path)
    assert table.targets.tolist() == [[True, False, True]]
    assert table.patient.tolist() == ["10000001"]
    assert faults == []


def test_missing_view_and_path(tmp_path: Path) -> None:
    header = tuple(name for name in HEADER if name != "path")
    write(tmp_path, [row(1, ViewPosition=""), row(2)], header=header)
    table, _ = read_train(tmp_path)
    assert table.view.tolist() == ["", "PA"]
    assert table.path[0] == "files/p10/p10000001/s50000001/00000001-00000001.jpg"
    write(tmp_path, [row(1, path=""), row(2)])
    assert read_train(tmp_path)[0].path.tolist() == table.path.tolist()


@pytest.mark.parametrize("packed", [False, True])
def test_missing_views_come_from_the_metadata(tmp_path: Path, packed: bool) -> None:
    write(tmp_path, [row(1, ViewPosition=""), row(2), row(3, ViewPosition=""), row(4)])
    text = "dicom_id,subject_id,study_id,ViewPosition\n" + "".join(
        f"{number:08x}-00000001,1000000{number},5000000{number},{view}\n"
        for number, view in [(3, ""), (2, "LATERAL"), (1, "LATERAL")]
    )
    if packed:
        file = tmp_path / "mimic-cxr-2.0.0-metadata.csv.gz"
        file.write_bytes(gzip.compress(text.encode()))
    else:
        (tmp_path / "mimic-cxr-2.0.0-metadata.csv").write_text(text)
    assert read_train(tmp_path)[0].view.tolist() == ["LATERAL", "PA", "", "PA"]


def test_the_metadata_is_read_only_where_a_view_is_missing(tmp_path: Path) -> None:
    write(tmp_path, [row(1)])
    (tmp_path / "mimic-cxr-2.0.0-metadata.csv").write_text("no metadata")
    assert read_train(tmp_path)[1] == []
    write(tmp_path, [row(1, ViewPosition="")])
    with pytest.raises(InputError, match=r"metadata\.csv, line 1, column 'dicom_id'"):
        read_train(tmp_path)


def test_the_metadata_may_contradict(tmp_path: Path) -> None:
    file = write(tmp_path, [row(1), row(2), row(3), row(4)])
    (tmp_path / "mimic-cxr-2.0.0-metadata.csv").write_text(
        "dicom_id,subject_id,study_id,ViewPosition\n"
        "00000001-00000001,10000001,50000001,PA\n"
        "00000002-00000001,10000009,50000002,PA\n"
        "00000003-00000001,10000003,s50000009,PA\n"
    )
    for name in FILES[1:]:
        write(tmp_path, [row(1)], name=name)
    faults = Faults()
    parts = read_parts(tmp_path, SETTINGS, LABELS, faults)
    check_metadata(tmp_path, SETTINGS, parts, faults)
    told = [(one.file, one.row, one.column, one.found, one.effect) for one in faults.found]
    assert sorted(told)[:-1] == [
        (str(file), 3, "subject_id", "10000002", "changes results"),
        (str(file), 4, "study_id", "50000003", "changes results"),
    ]
    assert sorted(told)[-1] == (str(file), 5, "dicom_id", "00000004-00000001", "none")
    assert any("10000009" in one.problem for one in faults.found)


def test_files_may_lie_in_the_root_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path, [row(1)])
    (tmp_path / "train.csv").write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    path.unlink()
    assert len(read_train(tmp_path)[0]) == 1


@pytest.mark.parametrize(
    ("changes", "column", "found", "problem"),
    [
        ({"Hernia": "2"}, "Hernia", "2", "0 or 1"),
        ({"Hernia": ""}, "Hernia", "", "0 or 1"),
        ({"Hernia": "0.5"}, "Hernia", "0.5", "0 or 1"),
        ({"study_id": "50000002.0"}, "study_id", "50000002.0", "saved as a number"),
        ({"subject_id": "1.0000002e+07"}, "subject_id", "1.0000002e+07", "saved as a number"),
        ({"subject_id": "1e7"}, "subject_id", "1e7", "an id"),
        ({"subject_id": ""}, "subject_id", "", "an id"),
        ({"dicom_id": "a/b"}, "dicom_id", "a/b", "an id"),
        ({"dicom_id": "00000001-00000001"}, "dicom_id", "00000001-00000001", "line 2 already"),
        ({"path": "/etc/passwd"}, "path", "/etc/passwd", "relative to the data folder"),
        ({"path": "files/../../x.jpg"}, "path", "files/../../x.jpg", "relative to the data"),
    ],
)
def test_a_bad_row_is_told_and_left_out(
    tmp_path: Path, changes: dict[str, str], column: str, found: str, problem: str
) -> None:
    file = write(tmp_path, [row(1), row(2, **changes), row(3)])
    table, (fault,) = read_train(tmp_path)
    assert (fault.file, fault.row, fault.column, fault.found) == (str(file), 3, column, found)
    assert problem in fault.problem
    assert fault.effect == "leaves out"
    assert "\n" not in str(fault)
    assert table.image.tolist() == ["00000001-00000001", "00000003-00000001"]
    with pytest.raises(InputError, match=r"line 3, column .*1 of 3 rows are bad"):
        read_dataset(tmp_path, SETTINGS, LABELS)


def test_every_column_that_is_wrong_is_told(tmp_path: Path) -> None:
    file = write(tmp_path, [row(1)], header=(*HEADER[:-2], "Edema"))
    faults = Faults()
    with pytest.raises(InputError, match=r"line 1, column 'Edema': the column is there twice"):
        read_parts(tmp_path, SETTINGS, LABELS, faults)
    told = [(one.file, one.row, one.column, one.effect) for one in faults.found]
    assert told == [(str(file), 1, name, "stops") for name in LABELS]
    assert [one.problem for one in faults.found[1:]] == ["the column is absent"] * 2


def test_a_few_bad_rows_are_allowed(tmp_path: Path) -> None:
    rows = [row(number) for number in range(40)]
    rows[7]["Mass"] = "x"
    file = write(tmp_path, rows)
    with file.open("a") as text:
        text.write("a,b\n")
    for first, name in enumerate(FILES[1:], start=1):
        write(tmp_path, [row(100 * first + number) for number in range(9)], name=name)
    settings = DataSettings(bad_rows=2 / 41, val_fraction=0.25)
    tables = read_dataset(tmp_path, settings, LABELS)
    assert len(tables["train"]) + len(tables["val"]) == 39
    with pytest.raises(InputError, match=r"2 of 41 rows are bad, over the allowed 4\.8%"):
        read_dataset(tmp_path, settings.model_copy(update={"bad_rows": 0.048}), LABELS)


def test_a_file_without_one_good_row(tmp_path: Path) -> None:
    write(tmp_path, [row(1, Mass="x"), row(2, subject_id="")])
    table, faults = read_train(tmp_path)
    assert (len(table), len(faults)) == (0, 2)
    assert table.image.dtype.kind == table.view.dtype.kind == "U"
    with pytest.raises(InputError, match="2 of 2 rows are bad"):
        read_dataset(tmp_path, SETTINGS, LABELS)


def test_an_absent_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"train\.csv: cannot be read: No such file"):
        read_dataset(tmp_path / "nowhere", SETTINGS, LABELS)


def test_the_four_splits(tmp_path: Path) -> None:
    for first, name in enumerate(FILES):
        write(tmp_path, [row(100 * first + number) for number in range(40)], name=name)
    settings = DataSettings(val_fraction=0.25, val_seed=3)
    tables = read_dataset(tmp_path, settings, LABELS)
    assert [table.split for table in tables.values()] == list(tables)
    assert list(tables) == ["train", "val", "dev", "test"]
    assert len(tables["val"]) == 10
    again = read_dataset(tmp_path, settings, LABELS)
    assert [one.fingerprint() for one in again.values()] == [
        one.fingerprint() for one in tables.values()
    ]


def test_the_images_may_lie_in_another_folder(tmp_path: Path) -> None:
    write(tmp_path, [row(1)])
    settings = DataSettings(images="mimic-cxr-jpg/2.0.0")
    for name in FILES[1:]:
        write(tmp_path, [row(9)], name=name)
    with pytest.raises(InputError, match=r"2\.0\.0: no such folder of images"):
        read_parts(tmp_path, settings, LABELS, Faults())
    (tmp_path / "mimic-cxr-jpg" / "2.0.0").mkdir(parents=True)
    part = read_parts(tmp_path, settings, LABELS, Faults())["train"]
    assert part.table.path[0].startswith("mimic-cxr-jpg/2.0.0/files/p10/p10000001/")
    for outside in ("../x", "/"):
        with pytest.raises(InputError, match="images must be a folder below the data folder"):
            read_parts(tmp_path, DataSettings(images=outside), LABELS, Faults())


def test_images_can_be_excluded(tmp_path: Path) -> None:
    rows = [row(number) for number in range(4)]
    write(tmp_path, rows)
    write(tmp_path, [row(7), row(8)], name="development.csv")
    write(tmp_path, [row(9)], name="test.csv")
    listed = [rows[2]["path"], "", "files/nowhere.jpg", row(8)["path"]]
    (tmp_path / "broken.txt").write_text("\n".join(listed))
    faults = Faults()
    parts = read_parts(tmp_path, DataSettings(exclude="broken.txt"), LABELS, faults)
    assert [len(part.table) for part in parts.values()] == [3, 1, 1]
    assert parts["train"].line.tolist() == [2, 3, 5]
    (fault,) = faults.found
    assert (fault.file, fault.row) == (str(tmp_path / "broken.txt"), 3)
    assert (fault.found, fault.effect) == ("files/nowhere.jpg", "changes results")
    for name in ("nowhere.txt", "../x.txt"):
        with pytest.raises(InputError, match=r"cannot be read|below the data folder"):
            read_parts(tmp_path, DataSettings(exclude=name), LABELS, Faults())


def test_lines_stay_beside_their_rows(tmp_path: Path) -> None:
    file = write(tmp_path, [row(1)])
    more = [row(2, Mass="x"), row(3)]
    lines = "\n\n".join(",".join(one.values()) for one in more)
    file.write_text(file.read_text() + "\n" + lines + "\n")
    for number, name in enumerate(FILES[1:], start=8):
        write(tmp_path, [row(number)], name=name)
    faults = Faults()
    part: Part = read_parts(tmp_path, SETTINGS, LABELS, faults)["train"]
    assert (part.line.tolist(), part.rows) == ([2, 6], 3)
    assert [fault.row for fault in faults.found] == [4]
    assert np.array_equal(part.table.image, ["00000001-00000001", "00000003-00000001"])
