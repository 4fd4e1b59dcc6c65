"""The phantom: real files in the form of CXR-LT 2023, a function of its settings alone."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jobs.data.faults import Faults
from jobs.data.labels import LABELS
from jobs.data.phantom.draw import draw_image
from jobs.data.phantom.rows import draw_rows
from jobs.data.phantom.signs import SIGNS
from jobs.data.phantom.thorax import Thorax
from jobs.data.phantom.write import write_phantom
from jobs.data.reading import read_dataset, read_parts
from jobs.errors import InputError, JobsError
from jobs.recipe.schema import DataSettings, PhantomSettings

SMALL = PhantomSettings(
    train_images=60, development_images=20, test_images=40, size=48, seed=1, least_share=0.025
)


def contents(root: Path) -> dict[str, bytes]:
    files = (path for path in root.rglob("*") if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in files}


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "new" / "phantom"
    write_phantom(root, SMALL, processes=2)
    return root


def test_the_files_do_not_depend_on_the_processes(phantom: Path, tmp_path: Path) -> None:
    reports: list[tuple[int, int]] = []
    write_phantom(tmp_path / "p", SMALL, lambda *report: reports.append(report), processes=1)
    assert contents(tmp_path / "p") == contents(phantom)
    assert reports[0] == (0, 120)
    assert reports[-1] == (120, 120)
    assert [path.name for path in tmp_path.iterdir()] == ["p"]


def test_another_seed_gives_other_files(phantom: Path, tmp_path: Path) -> None:
    write_phantom(tmp_path / "p", SMALL.model_copy(update={"seed": 2}), processes=1)
    assert not {name for name in contents(tmp_path / "p") if name.endswith("jpg")} & set(
        contents(phantom)
    )


def test_the_reader_reads_it(phantom: Path) -> None:
    tables = read_dataset(phantom, DataSettings(), LABELS)
    assert len(tables["train"]) + len(tables["val"]) == 60
    assert (len(tables["dev"]), len(tables["test"])) == (20, 40)
    patients = [set(table.patient) for table in tables.values()]
    assert sum(map(len, patients)) == len(set.union(*patients))
    for table in tables.values():
        for path in table.path:
            with Image.open(phantom / path) as image:
                assert (image.mode, image.size, image.format) == ("L", (48, 48), "JPEG")


def test_the_reader_returns_what_was_drawn(phantom: Path) -> None:
    for split, part in read_parts(phantom, DataSettings(), LABELS, Faults()).items():
        assert part.table.fingerprint() == draw_rows(SMALL, split).table.fingerprint()


def test_the_same_settings_again_do_nothing(phantom: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in phantom.rglob("*")}
    write_phantom(phantom, SMALL)
    assert {path: path.stat().st_mtime_ns for path in phantom.rglob("*")} == before


def test_it_never_replaces_something_else(phantom: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="other settings"):
        write_phantom(phantom, SMALL.model_copy(update={"seed": 9}))
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(InputError, match="something else"):
        write_phantom(tmp_path, SMALL)
    with pytest.raises(InputError, match="no folder"):
        write_phantom(tmp_path / "thesis.txt", SMALL)
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_what_a_killed_writer_left_is_dropped(phantom: Path, tmp_path: Path) -> None:
    left = tmp_path / ".p.partial" / "files"
    left.mkdir(parents=True)
    (left / "half.jpg").write_bytes(b"\xff")
    write_phantom(tmp_path / "p", SMALL, processes=2)
    assert contents(tmp_path / "p") == contents(phantom)


def test_a_failed_child_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "jobs.data.phantom.write.command", lambda *_: ["sh", "-c", "echo no room >&2; exit 1"]
    )
    with pytest.raises(JobsError, match="no room"):
        write_phantom(tmp_path / "p", SMALL, processes=2)
    assert not any(tmp_path.iterdir())


def light(size: int, lateral: bool, label: str) -> np.ndarray:
    """The chest of seed 3 at `size` px with the sign of a label, before noise."""
    chest = Thorax(size, lateral, np.random.default_rng(3))
    SIGNS[label].draw(chest, SIGNS[label].contrast)
    assert chest.light.dtype == np.float32
    assert np.isfinite(chest.light).all()
    return chest.light


@pytest.mark.parametrize("lateral", [False, True])
def test_every_label_has_a_sign_that_changes_the_picture(lateral: bool) -> None:
    assert tuple(SIGNS) == LABELS
    healthy = light(64, lateral, "No Finding")
    changed = [np.abs(light(64, lateral, label) - healthy).max() > 0.03 for label in LABELS]
    assert [label for label, seen in zip(LABELS, changed, strict=True) if not seen] == [
        "No Finding"
    ]


def test_the_lateral_chest_is_another_one() -> None:
    frontal, lateral = light(64, False, "No Finding"), light(64, True, "No Finding")
    assert np.abs(frontal - lateral).mean() > 0.05


def picture(label: str | None, lateral: bool) -> np.ndarray:
    shown = np.array([one == label for one in LABELS])
    return draw_image(SMALL, "train", 5, lateral, shown)


@pytest.mark.parametrize("label", [label for label in LABELS if label != "No Finding"])
def test_some_signs_are_seen_from_the_front_only(label: str) -> None:
    frontal_only = {"Fracture", "Pneumomediastinum", "Pneumothorax", "Subcutaneous Emphysema"}
    assert (picture(label, False) != picture(None, False)).any()
    unseen = (picture(label, True) == picture(None, True)).all()
    assert unseen == (label in frontal_only)


def left_when_shrunk(label: str) -> float:
    """Share of the energy of a sign at 128 px that the mean of 4 x 4 pixels keeps."""
    sign = light(128, False, label) - light(128, False, "No Finding")
    small = sign.reshape(32, 4, 32, 4).mean(axis=(1, 3))
    return float(16 * np.square(small).sum() / np.square(sign).sum())


def test_some_signs_need_pixels() -> None:
    for label in ("Nodule", "Fracture", "Calcification of the Aorta", "Pneumothorax"):
        assert left_when_shrunk(label) < 0.7, label
    for label in ("Emphysema", "Fibrosis", "Infiltration", "Tortuous Aorta"):
        assert left_when_shrunk(label) < 0.4, label
    for label in ("Cardiomegaly", "Lung Opacity", "Pleural Effusion"):
        assert left_when_shrunk(label) > 0.8, label


def test_the_same_chest_at_another_size() -> None:
    large = SMALL.model_copy(update={"size": 2 * SMALL.size})
    none = np.zeros(len(LABELS), dtype=bool)
    small, twice = (draw_image(one, "train", 5, False, none) for one in (SMALL, large))
    shrunk = twice.reshape(48, 2, 48, 2).mean(axis=(1, 3))
    assert np.corrcoef(small.ravel(), shrunk.ravel())[0, 1] > 0.95
