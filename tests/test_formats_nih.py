"""ChestX-ray14 and NIH-CXR-LT: findings, lists, folders of images."""

from pathlib import Path

import pytest
from data_folders import (
    FILES,
    cell,
    change_cell,
    drop_column,
    write_folder,
)
from reading_folders import only_fault, place, read

from jobs.errors import InputError


def test_nih_findings_are_known_ones(tmp_path: Path) -> None:
    settings = write_folder("nih-chestxray14", tmp_path)
    file = tmp_path / FILES["nih-chestxray14"]["train"]
    for line, text in ((2, "Mass|Noduel"), (3, "")):
        was = cell(file, line, "Finding Labels")
        change_cell(file, line, "Finding Labels", text)
        assert place(only_fault(tmp_path, settings)) == (file.name, line, "Finding Labels", text)
        change_cell(file, line, "Finding Labels", was)
    with pytest.raises(InputError, match="no finding of ChestX-ray14 is called Pneumonitis"):
        read(tmp_path, settings, ("Mass", "Pneumonitis"))


def test_nih_lists_must_have_each_image_once(tmp_path: Path) -> None:
    settings = write_folder("nih-chestxray14", tmp_path)
    train, test = (tmp_path / name for name in ("train_val_list.txt", "test_list.txt"))
    names = train.read_text().splitlines()
    train.write_text("\n".join([*names[1:], "00009999_000.png"]))
    test.write_text(f"{test.read_text()}\n{names[4]}\n")
    parts, faults = read(tmp_path, settings)
    table = "Data_Entry_2017.csv"
    assert [place(fault) for fault in faults] == [
        ("train_val_list.txt", 32, None, "00009999_000.png"),
        (table, 2, "Image Index", names[0]),
        (table, 6, "Image Index", names[4]),
    ]
    assert [fault.problem.split()[1] for fault in faults[1:]] == ["neither", "both"]
    assert [len(part.table) for part in parts.values()] == [30, 8]
    test.unlink()
    with pytest.raises(InputError, match=r"test_list\.txt: cannot be read"):
        read(tmp_path, settings)
    train.unlink()
    assert [len(part.table) for part in read(tmp_path, settings)[0].values()] == [40]


def test_nih_has_two_names_for_its_table_but_one_file(tmp_path: Path) -> None:
    settings = write_folder("nih-chestxray14", tmp_path)
    file = tmp_path / FILES["nih-chestxray14"]["train"]
    other = file.with_name("Data_Entry_2017_v2020.csv")
    other.write_bytes(file.read_bytes())
    with pytest.raises(InputError, match=r"Data_Entry_2017_v2020\.csv is there too"):
        read(tmp_path, settings)
    file.unlink()
    assert read(tmp_path, settings)[0]["train"].file == other


def test_nih_cxr_lt_knows_the_patient_from_the_id(tmp_path: Path) -> None:
    settings = write_folder("nih-cxr-lt", tmp_path)
    file = tmp_path / FILES["nih-cxr-lt"]["dev"]
    drop_column(file, "subj_id")
    parts, _ = read(tmp_path, settings)
    assert parts["dev"].table.patient[:2].tolist() == ["00000013", "00000013"]
    assert parts["dev"].file == file
    change_cell(file, 4, "id", "00000014.png")
    assert place(only_fault(tmp_path, settings)) == (file.name, 4, "id", "00000014.png")


def test_nih_images_in_a_folder_of_ones_own(tmp_path: Path) -> None:
    settings = write_folder("nih-cxr-lt", tmp_path).model_copy(update={"images": "small/png"})
    (tmp_path / "small" / "png" / "images_002" / "images").mkdir(parents=True)
    for number, image in enumerate(sorted((tmp_path / "images").iterdir())):
        folder = "small/png" if number % 2 else "small/png/images_002/images"
        image.rename(tmp_path / folder / image.name)
    parts, _ = read(tmp_path, settings)
    for part in parts.values():
        assert all((tmp_path / path).is_file() for path in part.table.path.tolist())
