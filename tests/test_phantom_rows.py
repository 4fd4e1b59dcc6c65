"""Who is in a phantom: prevalences, the floor, ids, and the rows of a real table."""

import csv
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from jobs.data.faults import Faults
from jobs.data.labels import LABELS, PREVALENCE
from jobs.data.phantom.drawn_cast import CLUSTERS
from jobs.data.phantom.identity import phantom_key
from jobs.data.phantom.rows import SPLITS, PhantomRows, draw_rows, phantom_rows
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.recipe.schema import PhantomSettings


def settings(train: int, dev: int = 1, test: int = 1, **more: object) -> PhantomSettings:
    counts = {"train_images": train, "development_images": dev, "test_images": test, "size": 32}
    return PhantomSettings.model_validate({**counts, **more})


def studies(images: int, least_share: float) -> tuple[np.ndarray, np.ndarray]:
    """(labels of each study, number of images of each)."""
    table = draw_rows(settings(images, least_share=least_share), "train").table
    _, first, exam, counts = np.unique(
        table.study, return_index=True, return_inverse=True, return_counts=True
    )
    assert (table.targets == table.targets[first[exam]]).all()
    return table.targets[first], counts


@pytest.mark.parametrize("share", [0.0, 0.025])
def test_prevalences_are_the_published_ones_or_the_least_share(share: float) -> None:
    labels, counts = studies(4000, share)
    wanted = np.maximum([PREVALENCE[label] for label in LABELS], share)
    assert labels.mean(axis=0) == pytest.approx(wanted, abs=0.6 / len(labels))
    assert set(counts) == {1, 2, 3}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("floor", [1, 7, 12])
def test_each_split_has_the_floor_of_each_label(floor: int, seed: int) -> None:
    rows = phantom_rows(settings(300, 30, 61, floor=floor, seed=seed), Faults())
    for split, images in zip(SPLITS, (300, 30, 61), strict=True):
        positives = rows[split].table.targets.sum(axis=0)
        assert len(rows[split].table) == images
        assert positives.min() >= floor
        # No more than it takes: a study more at most, and what the prevalences ask for.
        rare = LABELS.index("Pneumoperitoneum")
        assert positives[rare] <= max(floor, 3) + 2


def test_no_finding_stays_alone_whatever_the_floor() -> None:
    healthy = LABELS.index("No Finding")
    for floor in (0, 14):
        targets = draw_rows(settings(300, 30, floor=floor), "dev").table.targets
        others = np.delete(targets, [healthy, LABELS.index("Support Devices")], axis=1)
        assert targets[:, healthy].any()
        assert not others[targets[:, healthy]].any()
    with_devices = draw_rows(settings(4000), "train").table.targets
    assert with_devices[with_devices[:, healthy], LABELS.index("Support Devices")].any()


@pytest.mark.parametrize("floor", [16, 30, 10_000])
def test_a_floor_that_cannot_be_is_refused(floor: int) -> None:
    with pytest.raises(InputError, match=rf"floor {floor}: 30 dev images cannot .* 'Atelectasis'"):
        phantom_rows(settings(30_000, 30, 30_000, floor=floor), Faults())


def test_findings_of_one_cause_come_together() -> None:
    labels, _ = studies(20_000, 0.0)
    sick = labels[~labels[:, LABELS.index("No Finding")]]
    for cluster in CLUSTERS:
        first, second = (LABELS.index(label) for label in cluster[:2])
        alone = sick[:, first].mean() * sick[:, second].mean()
        assert (sick[:, first] & sick[:, second]).mean() > 1.2 * alone


def test_patients_studies_and_views_are_many() -> None:
    rows = draw_rows(settings(3000), "train")
    table = rows.table
    exams = Counter(patient for patient, _ in set(zip(table.patient, table.study, strict=True)))
    assert set(exams.values()) == {1, 2, 3}
    assert set(table.view) == {"PA", "AP", "LATERAL", ""}
    assert rows.lateral[table.view == "LATERAL"].all()
    assert not rows.lateral[np.isin(table.view, ["PA", "AP"])].any()
    assert 0 < rows.lateral[table.view == ""].mean() < 1
    noise = rows.shown != table.targets
    assert 0 < noise.mean() < 0.05


def ids(table: ImageTable) -> set[str]:
    return set(table.image) | set(table.patient) | set(table.study)


def test_another_phantom_has_other_ids() -> None:
    tables = {}
    for more in ({}, {"size": 64}, {"seed": 1}, {"floor": 2}, {"least_share": 0.01}):
        tables[str(more)] = draw_rows(settings(60, **more), "train").table
    again = draw_rows(settings(60), "train").table
    assert again.fingerprint() == tables["{}"].fingerprint()
    assert len({table.fingerprint() for table in tables.values()}) == len(tables)
    assert not ids(tables["{}"]) & ids(tables["{'size': 64}"])
    assert (tables["{}"].targets == tables["{'size': 64}"].targets).all()


@pytest.fixture
def table_file(tmp_path: Path) -> Path:
    """A table of 120 images, written out of order and with extra columns."""
    table = draw_rows(settings(120, seed=9, least_share=0.05), "train").table
    lines = [["extra", "subject_id", "study_id", "dicom_id", "ViewPosition", *LABELS[::-1]]]
    views = np.where(table.view == "LATERAL", "LL", table.view)
    columns = (table.patient, table.study, table.image, views)
    for *row, targets in zip(*columns, table.targets, strict=True):
        lines.append(["", *row, *targets[::-1].astype(int)])
    file = tmp_path / "train.csv"
    with file.open("w", newline="") as text:
        csv.writer(text).writerows([lines[0], *lines[:0:-1]])
    return file


def told(table: ImageTable) -> Counter[tuple[tuple[str, bytes], ...]]:
    """How many studies show which views with which labels: all but the ids."""
    exams: dict[str, list[tuple[str, bytes]]] = {}
    for study, view, row in zip(table.study, table.view, table.targets, strict=True):
        exams.setdefault(study, []).append((view, row.tobytes()))
    return Counter(tuple(sorted(exam)) for exam in exams.values())


def of_file(file: Path, *counts: int, seed: int = 0) -> dict[str, PhantomRows]:
    return phantom_rows(settings(*counts, labels_file=str(file), seed=seed), Faults())


def test_a_label_file_lends_all_but_its_ids(table_file: Path) -> None:
    original = draw_rows(settings(120, seed=9, least_share=0.05), "train").table
    rows = of_file(table_file, 60, 20, 40)
    assert [len(rows[split].table) for split in SPLITS] == [60, 20, 40]
    lent = sum((told(rows[split].table) for split in SPLITS), Counter())
    views = {"LATERAL": "LL"}
    expected: Counter[tuple[tuple[str, bytes], ...]] = Counter()
    for exam, count in told(original).items():
        expected[tuple(sorted((views.get(view, view), row) for view, row in exam))] += count
    assert lent == expected
    patients = [set(rows[split].table.patient) for split in SPLITS]
    assert sum(map(len, patients)) == len(set.union(*patients))
    every = set.union(*(ids(rows[split].table) for split in SPLITS))
    assert not every & ids(original)
    for split in SPLITS:
        assert rows[split].lateral[rows[split].table.view == "LL"].all()


def test_a_label_file_may_miss_all_views(table_file: Path) -> None:
    for view in ("PA", "AP", "LL"):
        table_file.write_text(table_file.read_text().replace(f",{view},", ",,"))
    rows = of_file(table_file, 60, 20, 40)
    for split in SPLITS:
        assert set(rows[split].table.view) == {""}
        assert not rows[split].lateral.any()


def test_a_label_file_is_sampled_by_the_seed(table_file: Path) -> None:
    first, again, other = (of_file(table_file, 30, 9, 9, seed=seed) for seed in (0, 0, 1))
    for split in SPLITS:
        assert first[split].table.fingerprint() == again[split].table.fingerprint()
        assert (first[split].shown == again[split].shown).all()
    assert told(first["train"].table) != told(other["train"].table)


def test_a_label_file_counts_by_its_content(table_file: Path, tmp_path: Path) -> None:
    (tmp_path / "moved.csv").write_bytes(table_file.read_bytes())
    key, moved = (
        phantom_key(settings(9, labels_file=str(file)))
        for file in (table_file, tmp_path / "moved.csv")
    )
    assert key == moved
    with table_file.open("a") as text:
        text.write("\n")
    assert phantom_key(settings(9, labels_file=str(table_file))) != key


def test_rows_that_cannot_be_used_are_told(table_file: Path) -> None:
    lines = table_file.read_text().splitlines()
    lines[3] = lines[3].replace(",", ",,", 1)
    lines[5] = lines[5][:-1] + "7"
    table_file.write_text("\n".join([*lines, lines[9]]) + "\n")
    faults = Faults()
    phantom_rows(settings(60, 20, 30, labels_file=str(table_file)), faults)
    assert faults.left_out[str(table_file)] == {4, 6, 122}
    with pytest.raises(InputError, match=r"has 118 rows that can be used, too few .* 119 images"):
        of_file(table_file, 60, 20, 39)


def test_a_label_file_takes_no_floor(table_file: Path) -> None:
    with pytest.raises(InputError, match=r"train\.csv: .* leave out floor and least_share"):
        phantom_rows(settings(9, labels_file=str(table_file), floor=1), Faults())
    with pytest.raises(InputError, match=r"none\.csv: cannot be read"):
        of_file(table_file.with_name("none.csv"), 9)
