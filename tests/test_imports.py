"""Predictions made elsewhere become members whole, or with one clear error not at all."""

import csv
import gzip
import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from finished_workspace import changed_rows, copy_of, invoke, make_finished, stop

from jobs.errors import DamagedError, InputError
from jobs.loading import RecipeHoldings
from jobs.predictions import PredictionSet
from jobs.queue.rebuild import rebuild_database
from jobs.room.check import check_workspace
from jobs.room.found import Item, Room
from jobs.room.gc import remove
from jobs.workspace import open_workspace

Rows = list[list[str]]


@pytest.fixture
def root(tmp_path_factory: pytest.TempPathFactory, data_folder: Path, tmp_path: Path) -> Path:
    return copy_of(make_finished(tmp_path_factory.getbasetemp(), data_folder), tmp_path)


def holdings(root: Path) -> RecipeHoldings:
    return RecipeHoldings(open_workspace(root), "chain")


def predicted(root: Path, model: str, split: str) -> PredictionSet:
    found = holdings(root).predictions(model, split)
    assert found is not None
    return found


def rows_of(made: PredictionSet, column: str = "image", seed: int = 1) -> Rows:
    """A CSV of these predictions as another program may write it: in another order."""
    order = np.random.default_rng(seed).permutation(len(made))
    header = ["note", *reversed(made.labels), column]
    return [
        header,
        *(
            ["", *(str(value) for value in made.probabilities[row][::-1]), str(made.image[row])]
            for row in order
        ),
    ]


def write(path: Path, rows: Rows) -> Path:
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "wt", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture
def rows(root: Path) -> Rows:
    return rows_of(predicted(root, "a", "dev"))


def take(root: Path, name: str, *arguments: object) -> Result:
    return invoke(root, "ensemble", "import", name, *map(str, arguments))


def score(root: Path, *arguments: str) -> Any:
    return json.loads(invoke(root, "ensemble", "score", *arguments, "--json").stdout)


def test_an_import_is_a_member_like_any_other(root: Path, rows: Rows, tmp_path: Path) -> None:
    dev = write(tmp_path / "dev.csv", rows)
    test = write(tmp_path / "t.csv.gz", rows_of(predicted(root, "a", "test"), "dicom_id"))
    tried = json.loads(take(root, "twin", dev, test, "--dry-run", "--json").stdout)
    assert not tried["kept"]
    assert [one["split"] for one in tried["files"]] == ["dev", "test"]
    assert tried["files"][0]["ignored"] == ["note"]
    assert holdings(root).imports == {}
    assert not (root / "imports").exists()
    shown = take(root, "twin", dev, test).stdout
    had = holdings(root)
    assert (
        f"twin: dev, {len(rows) - 1} images from {dev}, mAP {score(root, 'a')['map']:.3f}" in shown
    )
    assert "not used: column note" in shown
    assert had.members == ("a", "b", "c", "twin")
    for split in ("dev", "test"):
        ours, theirs = predicted(root, "a", split), predicted(root, "twin", split)
        assert np.array_equal(ours.probabilities, theirs.probabilities)
        assert np.array_equal(ours.study, theirs.study)
        mixed, plain = (score(root, name, "b=2", "--split", split) for name in ("twin", "a"))
        assert (mixed["map"], mixed["per_label"]) == (plain["map"], plain["per_label"])
        assert mixed["key"] != plain["key"]
    assert invoke(root, "ensemble", "save", "mine", "twin", "b").stdout.startswith("saved mine")
    lost = invoke(root, "ensemble", "score", "twin", "--split", "val").exception
    assert "no predictions of val yet: `cxrtui ensemble import twin FILE`" in str(lost)
    listed = json.loads(invoke(root, "ensemble", "list", "--imports", "--json").stdout)
    assert [(one["name"], sorted(one["splits"])) for one in listed] == [("twin", ["dev", "test"])]
    assert f"dev: {len(rows) - 1} images from {dev}" in invoke(
        root, "ensemble", "list", "--imports"
    ).stdout  # fmt: skip


def test_parquet_and_logits(root: Path, tmp_path: Path) -> None:
    made = predicted(root, "b", "dev")
    logits = np.log(made.probabilities.astype(np.float64)) - np.log1p(-made.probabilities)
    columns = {"image": pa.array(made.image.tolist()).dictionary_encode()}
    columns |= {label: pa.array(logits[:, at]) for at, label in enumerate(made.labels)}
    pq.write_table(pa.table(columns), tmp_path / "dev.parquet")
    refused = take(root, "twin", tmp_path / "dev.parquet").exception
    assert "row 1, column" in str(refused)
    assert "--logits" in str(refused)
    take(root, "twin", tmp_path / "dev.parquet", "--logits", "--split", "dev")
    found = predicted(root, "twin", "dev").probabilities
    np.testing.assert_allclose(found, made.probabilities, rtol=1e-6)


def test_to_import_again_replaces_a_split_and_ensembles_notice(
    root: Path, rows: Rows, tmp_path: Path
) -> None:
    test = write(tmp_path / "test.csv", rows_of(predicted(root, "a", "test")))
    take(root, "twin", write(tmp_path / "dev.csv", rows), test)
    invoke(root, "ensemble", "save", "mine", "twin", "b")
    before = holdings(root)
    again = take(root, "twin", write(tmp_path / "dev.csv", rows_of(predicted(root, "c", "dev"))))
    assert "in place of what it had" in again.stdout
    after = holdings(root)
    assert after.imports["twin"]["test"] == before.imports["twin"]["test"]
    assert after.imports["twin"]["dev"].path != before.imports["twin"]["dev"].path
    assert score(root, "twin")["map"] == score(root, "c")["map"]
    assert "mine: twin was imported anew" in invoke(root, "ensemble", "score", "mine").stderr
    take(root, "twin", write(tmp_path / "dev.csv", rows))
    assert holdings(root).member_key("twin") == before.member_key("twin")
    assert invoke(root, "ensemble", "score", "mine").stderr == ""


def old(*paths: Path) -> None:
    for path in paths:
        os.utime(path, (0, 0))


def spare(root: Path) -> tuple[Room, list[Item]]:
    opened = open_workspace(root)
    room = Room(opened.paths)
    with opened.database.read() as connection:
        return room, [item for item in room.find(connection) if "imports" in str(item.path)]


def test_rebuild_check_and_gc_know_imports(root: Path, rows: Rows, tmp_path: Path) -> None:
    dev = write(tmp_path / "dev.csv", rows)
    take(root, "twin", dev, write(tmp_path / "test.csv", rows_of(predicted(root, "a", "test"))))
    (first,) = (root / "imports").iterdir()
    take(root, "twin", write(tmp_path / "new.csv", rows_of(predicted(root, "b", "dev"))))
    take(root, "gone", dev)
    before = holdings(root)
    stop(root)
    rebuild_database(root)
    assert holdings(root).imports == before.imports
    assert not any(one.faults for one in check_workspace(root))

    dead = first.with_name(".twin-ab.4194999.tmp")
    dead.mkdir()
    lost = first.with_name("lost-01234567")
    lost.mkdir()
    assert spare(root)[1] == [], "what is young may be in the making"
    replaced = first / "dev.parquet"
    old(dead, lost, replaced, first, first / "test.parquet")
    room, items = spare(root)
    assert {item.path for item in items} == {dead, lost, replaced}
    remove(open_workspace(root), room, items)
    assert not any(path.exists() for path in (dead, lost, replaced))
    assert not any(one.faults for one in check_workspace(root))

    kept = root / before.imports["twin"]["test"].path
    kept.write_bytes(kept.read_bytes()[:-1])
    (fault,) = next(one for one in check_workspace(root) if one.name == "imports").faults
    assert "test.parquet: is not as it was written" in fault.what
    assert fault.remedy == f"cxrtui ensemble import twin {tmp_path / 'test.csv'}"
    with pytest.raises(DamagedError, match="import it again with `cxrtui ensemble import twin"):
        predicted(root, "twin", "test")


def test_predictions_of_images_that_are_no_more(root: Path, rows: Rows, tmp_path: Path) -> None:
    take(root, "twin", write(tmp_path / "dev.csv", rows))
    with changed_rows(root) as connection:
        connection.execute("UPDATE imported_set SET split = 'test'")
    wrong = invoke(root, "ensemble", "score", "twin", "--split", "test").exception
    assert "predictions of twin for test say that they are of split 'dev'; import it" in str(wrong)


def change(row: int, column: int, text: str) -> Callable[[Rows], None]:
    def changed(rows: Rows) -> None:
        rows[row][column] = text

    return changed


def alike(rows: Rows) -> None:
    rows[5][-1] = rows[3][-1]


FAULTS = {
    "dup": (alike, r"line 6, column 'image': found '.*': stands in line 4 already"),
    "missing": (lambda rows: rows.pop(), r"1 of the \d+ images of dev are missing, the first is"),
    "strange": (change(2, -1, "x"), r"line 3, column 'image': found 'x': not in dev \(1 such\)"),
    "text": (change(4, 1, "high"), r"line 5, column 'Nodule': found 'high': it must be a prob"),
    "large": (change(4, 1, "1.5"), r"line 5, column 'Nodule': found '1.5': .* --logits"),
    "empty": (change(4, 2, ""), r"line 5, column 'Edema': found '': it must be a probability"),
    "nan": (change(4, 2, "nan"), r"found 'nan'"),
    "underscore": (change(4, 2, "0_1"), r"found '0_1'"),
    "short": (lambda rows: rows[7].pop(), r"line 8: 5 fields where the header has 6"),
    "label": (change(0, 1, "Nodules"), r"column 'Nodule' absent"),
    "twice": (change(0, 0, "Nodule"), r"column 'Nodule' is there twice"),
    "no id": (change(0, -1, "picture"), r"no column image, dicom_id, .*--image"),
    "two ids": (change(0, 0, "id"), r"found columns image and id: say with --image"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_whatever_is_wrong_is_told_with_its_place(
    root: Path, rows: Rows, tmp_path: Path, name: str
) -> None:
    damage, message = FAULTS[name]
    damage(rows)
    journal = (root / "journal.jsonl").read_bytes()
    good = write(tmp_path / "test.csv", rows_of(predicted(root, "a", "test")))
    bad = write(tmp_path / "dev.csv", rows)
    with pytest.raises(InputError, match=message) as caught:
        raise take(root, "twin", good, bad).exception or AssertionError
    assert str(caught.value).startswith(str(bad))
    assert (root / "journal.jsonl").read_bytes() == journal
    assert not (root / "imports").exists()


def calls(root: Path, rows: Rows, folder: Path) -> Iterator[tuple[tuple[object, ...], str]]:
    """What a person may ask for in vain, and what is said."""
    dev = write(folder / "dev.csv", rows)
    yield ("a", dev), "'a' is a name of recipe chain"
    yield ("both", dev), "'both' is a name of recipe chain"
    yield ("mine", dev), "'mine' is a name of a saved ensemble"
    yield ("../x", dev), "'../x' is no name"
    yield ("twin", dev, "--split", "test"), "its images are those of dev, not of test"
    yield ("twin", dev, "--split", "train"), "no split is called 'train'"
    yield ("twin", dev, write(folder / "two.csv", rows)), "is of dev, as .*dev.csv is"
    yield ("twin", dev, "--image", "dicom"), "column 'dicom' absent"
    yield ("twin", folder / "none.csv"), "none.csv: cannot be read: No such file"
    yield ("twin", dev.rename(folder / "dev.npy")), "from .csv, .csv.gz and .parquet files"
    other = rows_of(predicted(root, "a", "test"))
    yield ("twin", write(folder / "1.csv", [*rows, other[1]])), "an image of test, and others are"
    unknown = [rows[0], *([*row[:-1], "x" + row[-1]] for row in rows[1:])]
    yield ("twin", write(folder / "2.csv", unknown)), "no image of val, dev, test has this id"
    (folder / "3.parquet").write_bytes(b"PAR1 torn")
    yield ("twin", folder / "3.parquet"), "3.parquet: cannot be read as parquet"
    texts = pa.table({name: [row[at] for row in rows[1:]] for at, name in enumerate(rows[0])})
    pq.write_table(texts, folder / "4.parquet")
    yield ("twin", folder / "4.parquet"), "column '.*' is string: it must be numbers"


def test_what_is_asked_for_in_vain(root: Path, rows: Rows, tmp_path: Path) -> None:
    invoke(root, "ensemble", "save", "mine", "a")
    journal = (root / "journal.jsonl").read_bytes()
    for arguments, message in calls(root, rows, tmp_path):
        with pytest.raises(InputError, match=message):
            raise take(root, *arguments).exception or AssertionError
    assert (root / "journal.jsonl").read_bytes() == journal
    take(root, "twin", write(tmp_path / "dev.csv", rows))
    with pytest.raises(InputError, match="'twin' is a name of imported predictions"):
        raise invoke(root, "ensemble", "save", "twin", "a").exception or AssertionError
