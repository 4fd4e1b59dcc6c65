"""`data check` on damaged image files: each is named as what it is, and nothing else is."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from data_folders import FILES, FORMATS, labels_for, read_rows, write_folder
from PIL import Image

from jobs.data.check.folder import check_data
from jobs.data.faults import Effect
from jobs.recipe.schema import DataFormat

# The column that names the image.
NAME: dict[DataFormat, str] = {
    "cxr-lt-2023": "path",
    "cxr-lt-2024": "fpath",
    "cxr-lt-2026": "ImageID",
    "nih-chestxray14": "Image Index",
    "nih-cxr-lt": "id",
    "padchest": "ImageID",
    "chexpert": "Path",
    "csv": "image",
}
# The column that leads to its file.
PATH = NAME | {"padchest": "ImageDir"}


def missing(image: Path) -> None:
    image.unlink()


def a_folder(image: Path) -> None:
    image.unlink()
    image.mkdir()


def empty(image: Path) -> None:
    image.write_bytes(b"")


def truncated(image: Path) -> None:
    whole = image.read_bytes()
    image.write_bytes(whole[: len(whole) * 2 // 3])


def cut_in_its_header(image: Path) -> None:
    image.write_bytes(image.read_bytes()[:20])


def text(image: Path) -> None:
    image.write_text("<html>404 Not Found</html>" * 20)


def colour(image: Path) -> None:
    Image.new("RGB", (50, 60), (10, 200, 30)).save(image)


def tiny(image: Path) -> None:
    Image.new("L", (90, 31), 7).save(image)


@dataclass(frozen=True)
class Plant:
    spoil: Callable[[Path], None]
    words: str
    effect: Effect
    opened: bool = True  # whether it takes --images to see it


PLANTS = (
    Plant(missing, "no such image file", "stops", opened=False),
    Plant(a_folder, "the image is no file", "stops", opened=False),
    Plant(empty, "the image file is empty (0 bytes)", "stops", opened=False),
    Plant(truncated, "the image file is truncated", "stops"),
    Plant(cut_in_its_header, "the image file is truncated", "stops"),
    Plant(text, "the image file is unreadable: neither JPEG nor PNG", "stops"),
    Plant(colour, "the image is not grayscale: RGB, converted", "none"),
    Plant(tiny, "the image is tiny: 90 x 31 px, less than 32 on a side", "changes results"),
)


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: plant.spoil.__name__)
@pytest.mark.parametrize("format_", FORMATS)
def test_a_spoilt_image_is_told_as_what_it_is(
    format_: DataFormat, plant: Plant, tmp_path: Path
) -> None:
    settings = write_folder(format_, tmp_path)
    images = sorted(path for end in ("jpg", "png") for path in tmp_path.rglob(f"*.{end}"))
    image = images[len(images) // 3]
    file, line = place_of(format_, tmp_path, image)
    plant.spoil(image)
    for opened in (False, True):
        seen = check_data(tmp_path, settings, labels_for(format_), open_images=opened, min_size=32)
        if plant.opened and not opened:
            assert seen.faults == ()
            continue
        [fault] = seen.faults
        assert (fault.file, fault.row, fault.column) == (str(file), line, PATH[format_])
        assert tmp_path / fault.found == image
        assert (fault.problem, fault.effect) == (plant.words, plant.effect)
        assert seen.changes_results == (plant.effect != "none")


def place_of(format_: DataFormat, root: Path, image: Path) -> tuple[Path, int]:
    """File and line of the row that names an image."""
    for name in FILES[format_].values():
        for line, row in enumerate(read_rows(root / name)[1], start=2):
            text = row[NAME[format_]].removeprefix("CheXpert-v1.0-small/")
            if image.as_posix().endswith(text):
                return root / name, line
    raise AssertionError(f"no row names {image}")
