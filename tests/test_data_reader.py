"""The reader of CXR-LT 2023 label files, and the faults that it names."""

import csv
from pathlib import Path

import pytest

from jobs.data.cxr_lt_2023 import read_csv
from jobs.data.reading import read_dataset, read_split
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


def test_columns_are_selected_by_name_in_the_order_given(tmp_path: Path) -> None:
    write(tmp_path, [row(1), row(2, Mass="0")], header=tuple(reversed(HEADER)))
    table = read_csv(tmp_path, "train", ["Mass", "Edema"])
    assert table.split == "train"
    assert table.labels == ("Mass", "Edema")
    assert table.targets.tolist() == [[True, True], [False, True]]
    assert table.view.tolist() == ["PA", "PA"]
    assert table.path[0] == "files/p10/p10000001/s50000001/00000001-00000001.jpg"


def test_study_ids_of_both_releases_are_the_same(tmp_path: Path) -> None:
    write(tmp_path, [row(1), row(2, study_id="50000002")])
    assert read_csv(tmp_path, "train", LABELS).study.tolist() == ["50000001", "50000002"]


def test_ids_stay_text(tmp_path: Path) -> None:
    long = "9007199254740993"  # the first integer that a float cannot hold
    write(tmp_path, [row(1, subject_id=long, dicom_id="0012e5"), row(2, subject_id="00000007")])
    table = read_csv(tmp_path, "train", LABELS)
    assert table.patient.tolist() == [long, "00000007"]
    assert table.image[0] == "0012e5"


def test_missing_view_and_path(tmp_path: Path) -> None:
    header = tuple(name for name in HEADER if name != "path")
    write(tmp_path, [row(1, ViewPosition=""), row(2)], header=header)
    table = read_csv(tmp_path, "train", LABELS)
    assert table.view.tolist() == ["", "PA"]
    assert table.path[0] == "files/p10/p10000001/s50000001/00000001-00000001.jpg"


def test_files_may_lie_in_the_root_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = write(tmp_path, [row(1)], name="development.csv")
    (tmp_path / "development.csv").write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    path.unlink()
    assert len(read_csv(tmp_path, "dev", LABELS)) == 1


@pytest.mark.parametrize(
    ("changes", "line", "column", "found"),
    [
        ({"Hernia": "2"}, 3, "Hernia", "2"),
        ({"Hernia": ""}, 3, "Hernia", "''"),
        ({"Hernia": "0.5"}, 3, "Hernia", "0.5"),
        ({"study_id": "50000002.0"}, 3, "study_id", "50000002.0"),
        ({"subject_id": "1e7"}, 3, "subject_id", "1e7"),
        ({"subject_id": ""}, 3, "subject_id", "''"),
        ({"dicom_id": "a/b"}, 3, "dicom_id", "a/b"),
        ({"dicom_id": "00000001-00000001"}, 3, "dicom_id", "line 2"),
        ({"path": "/etc/passwd"}, 3, "path", "/etc/passwd"),
        ({"path": "files/../../x.jpg"}, 3, "path", ".."),
    ],
)
def test_a_bad_value_is_named(
    tmp_path: Path, changes: dict[str, str], line: int, column: str, found: str
) -> None:
    path = write(tmp_path, [row(1), row(2, **changes), row(3)])
    with pytest.raises(InputError) as raised:
        read_csv(tmp_path, "train", LABELS)
    text = str(raised.value)
    assert text.startswith(f"{path}, line {line}, column {column!r}: ")
    assert found in text
    assert "\n" not in text


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, [row(1)])
    path.write_text(path.read_text() + "\n\n" + ",".join(row(2, Mass="x").values()) + "\n")
    with pytest.raises(InputError, match=r"line 5, column 'Mass': 'x'"):
        read_csv(tmp_path, "train", LABELS)


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, [row(1)], header=HEADER[:-1])
    with pytest.raises(InputError) as raised:
        read_csv(tmp_path, "train", LABELS)
    assert str(path) in str(raised.value)
    assert "column 'Mass' is missing" in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"\n", (",".join(HEADER) + "\n").encode()])
def test_an_empty_file(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, [])
    path.write_bytes(content)
    with pytest.raises(InputError, match="empty"):
        read_csv(tmp_path, "train", LABELS)


def test_lines_that_are_no_rows(tmp_path: Path) -> None:
    path = write(tmp_path, [row(1)])
    whole = path.read_bytes()
    path.write_bytes(whole + b"a,b\n")
    with pytest.raises(InputError, match="line 3: 2 fields where the header has 9"):
        read_csv(tmp_path, "train", LABELS)
    path.write_bytes(whole + b'"a"b,\n')
    with pytest.raises(InputError, match="line 3: not a CSV line"):
        read_csv(tmp_path, "train", LABELS)
    path.write_bytes(whole + b"\xff\n")
    with pytest.raises(InputError, match="not UTF-8"):
        read_csv(tmp_path, "train", LABELS)


def test_an_absent_folder(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"test\.csv: no such file"):
        read_csv(tmp_path / "nowhere", "test", LABELS)


def test_read_split_agrees_with_read_dataset(tmp_path: Path) -> None:
    for name in ("train.csv", "development.csv", "test.csv"):
        write(tmp_path, [row(number) for number in range(40)], name=name)
    settings = DataSettings(val_fraction=0.25, val_seed=3)
    tables = read_dataset(tmp_path, settings, LABELS)
    assert list(tables) == ["train", "val", "dev", "test"]
    assert len(tables["val"]) == 10
    for split, table in tables.items():
        assert table.split == split
        again = read_split(tmp_path, settings, LABELS, split)
        assert again.fingerprint() == table.fingerprint()
