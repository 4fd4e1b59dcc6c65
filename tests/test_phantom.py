"""The phantom: real files in the form of CXR-LT 2023, a function of its settings alone."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jobs.data.labels import LABELS, PREVALENCE
from jobs.data.phantom import write_phantom
from jobs.data.phantom_rows import CLUSTERS, draw_rows
from jobs.data.phantom_signs import SIGNS
from jobs.data.phantom_thorax import Thorax
from jobs.data.reading import read_dataset, read_files
from jobs.errors import InputError, JobsError
from jobs.recipe.schema import DataSettings, PhantomSettings

SMALL = PhantomSettings(
    train_images=60, development_images=20, test_images=40, size=48, seed=1, floor=0.025
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
    for split, table in read_files(phantom, DataSettings(), LABELS).items():
        assert table.fingerprint() == draw_rows(SMALL, split).table.fingerprint()


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
        "jobs.data.phantom.command", lambda *_: ["sh", "-c", "echo no room >&2; exit 1"]
    )
    with pytest.raises(JobsError, match="no room"):
        write_phantom(tmp_path / "p", SMALL, processes=2)
    assert not any(tmp_path.iterdir())


def studies(images: int, floor: float) -> tuple[np.ndarray, np.ndarray]:
    """(labels of each study, number of images of each)."""
    settings = PhantomSettings(
        train_images=images, development_images=1, test_images=1, size=32, floor=floor
    )
    table = draw_rows(settings, "train").table
    _, first, exam, counts = np.unique(
        table.study, return_index=True, return_inverse=True, return_counts=True
    )
    assert (table.targets == table.targets[first[exam]]).all()
    return table.targets[first], counts


@pytest.mark.parametrize("floor", [0.0, 0.025])
def test_prevalences_are_the_published_ones_or_the_floor(floor: float) -> None:
    labels, counts = studies(4000, floor)
    wanted = np.maximum([PREVALENCE[label] for label in LABELS], floor)
    assert labels.mean(axis=0) == pytest.approx(wanted, abs=0.6 / len(labels))
    assert set(counts) == {1, 2, 3}


def test_no_finding_comes_with_support_devices_only() -> None:
    labels, _ = studies(4000, 0.025)
    healthy = labels[:, LABELS.index("No Finding")]
    others = [
        LABELS.index(label) for label in LABELS if label not in ("No Finding", "Support Devices")
    ]
    assert healthy.any()
    assert not labels[healthy][:, others].any()
    assert labels[healthy][:, LABELS.index("Support Devices")].any()


def test_findings_of_one_cause_come_together() -> None:
    labels, _ = studies(20_000, 0.0)
    sick = labels[~labels[:, LABELS.index("No Finding")]]
    for cluster in CLUSTERS:
        first, second = (LABELS.index(label) for label in cluster[:2])
        alone = sick[:, first].mean() * sick[:, second].mean()
        assert (sick[:, first] & sick[:, second]).mean() > 1.2 * alone


@pytest.mark.parametrize("lateral", [False, True])
def test_every_label_has_a_sign_that_changes_the_picture(lateral: bool) -> None:
    assert set(SIGNS) == set(LABELS)
    pictures = []
    for label in LABELS:
        chest = Thorax(64, lateral, np.random.default_rng(3))
        SIGNS[label].draw(chest, SIGNS[label].contrast)
        assert chest.light.dtype == np.float32
        assert np.isfinite(chest.light).all()
        pictures.append(chest.light)
    healthy = pictures[LABELS.index("No Finding")]
    changed = [np.abs(picture - healthy).max() > 0.03 for picture in pictures]
    assert [label for label, seen in zip(LABELS, changed, strict=True) if not seen] == [
        "No Finding"
    ]
