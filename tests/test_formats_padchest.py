"""PadChest: lists of labels in text, projections, folders of images."""

import gzip
from pathlib import Path

import pytest
from data_folders import (
    FILES,
    change_cell,
    write_folder,
)
from reading_folders import only_fault, place, read

from jobs.errors import InputError


@pytest.mark.parametrize(
    "text",
    ["", "nodule", "['nodule'", "[1]", "{'nodule'}", "[nan]", "[" * 9999, "f('x')", "['\\']"],
)
def test_padchest_label_lists_are_parsed_and_nothing_else_is(tmp_path: Path, text: str) -> None:
    settings = write_folder("padchest", tmp_path)
    file = tmp_path / FILES["padchest"]["train"]
    change_cell(file, 4, "Labels", text)
    fault = only_fault(tmp_path, settings)
    assert place(fault) == (file.name, 4, "Labels", text)
    assert fault.problem == "it must be a list of texts"


def test_padchest_lists_blanks_views_and_line_breaks(tmp_path: Path) -> None:
    settings = write_folder("padchest", tmp_path)
    file = tmp_path / FILES["padchest"]["train"]
    change_cell(file, 2, "Labels", "[' nodule', \"d'un\", 'a\\d']")
    change_cell(file, 3, "Labels", "[]")
    for line, view in ((4, "AP_horizontal"), (5, "COSTAL"), (6, "AP"), (7, "")):
        change_cell(file, line, "Projection", view)
    change_cell(file, 4, "Report", "dos\nlineas")
    parts, faults = read(tmp_path, settings)
    assert faults == []
    assert parts["train"].table.targets[:2].tolist() == [[False, True, False], [False] * 3]
    views = parts["train"].table.view[:7].tolist()
    assert views == ["PA", "LATERAL", "AP", "COSTAL", "AP", "", "PA"]
    assert parts["train"].line[:5].tolist() == [2, 3, 4, 6, 7]
    with pytest.raises(InputError, match="column 'Labels': no row has the label Nodule"):
        read(tmp_path, settings, ("normal", "Nodule"))


@pytest.mark.parametrize("images", ["images", "images-224"])
@pytest.mark.parametrize("flat", [False, True])
def test_padchest_images_may_lie_elsewhere_or_in_one_folder(
    tmp_path: Path, images: str, flat: bool
) -> None:
    settings = write_folder("padchest", tmp_path)
    if images != "images":
        settings = settings.model_copy(update={"images": images})
    (tmp_path / images).mkdir()
    for folder in ("0", "1", "2"):
        if flat:
            for image in (tmp_path / folder).iterdir():
                image.rename(tmp_path / images / image.name)
        else:
            (tmp_path / folder).rename(tmp_path / images / folder)
    parts, _ = read(tmp_path, settings)
    assert all((tmp_path / path).is_file() for path in parts["train"].table.path.tolist())


def test_padchest_as_it_is_downloaded(tmp_path: Path) -> None:
    settings = write_folder("padchest", tmp_path)
    file = tmp_path / FILES["padchest"]["train"]
    packed = file.with_name(f"{file.name}.gz")
    packed.write_bytes(gzip.compress(file.read_bytes()))
    file.unlink()
    assert read(tmp_path, settings)[0]["train"].file == packed
