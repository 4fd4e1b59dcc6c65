"""An exported file says to the bit what the ensemble predicts, row by row as the CSV lists them."""

import csv
import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import Result
from conftest import CHAIN
from finished_workspace import copy_of, invoke, make_finished
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from jobs.data.reading import read_dataset
from jobs.data.table import ImageTable
from jobs.errors import InputError
from jobs.export import _csv
from jobs.loading import RecipeHoldings
from jobs.picking import choose, make_scorer
from jobs.recipe.load import parse_recipe
from jobs.recipe.schema import Recipe
from jobs.submission import submission_form
from jobs.workspace import open_workspace

RECIPE = parse_recipe(CHAIN, "chain")
TEST_CSV = "cxr-lt-2023/test.csv"


@pytest.fixture
def root(tmp_path_factory: pytest.TempPathFactory, data_folder: Path, tmp_path: Path) -> Path:
    return copy_of(make_finished(tmp_path_factory.getbasetemp(), data_folder), tmp_path)


def export(root: Path, file: Path, *arguments: str) -> Result:
    return invoke(root, "ensemble", "export", *arguments, "--out", str(file))


def refused(result: Result) -> str:
    assert isinstance(result.exception, InputError), result.output
    return str(result.exception)


def expected(
    root: Path, members: list[str], views: str | None, averaging: str | None, split: str
) -> NDArray[np.float32]:
    holdings = RecipeHoldings(open_workspace(root), "chain")
    choice = choose(holdings, members, views, averaging)
    return make_scorer(holdings, list(choice.weights), split).probabilities(
        choice.weights, choice.view_rule, choice.frontal_weight, choice.averaging
    )


def read(text: str) -> tuple[list[str], list[list[str]]]:
    header, *rows = csv.reader(io.StringIO(text))
    return header, rows


def floats(rows: list[list[str]], first: int) -> NDArray[np.float32]:
    return np.array([[np.float32(text) for text in row[first:]] for row in rows])


def test_a_submission_has_the_rows_and_columns_of_the_splits_csv(
    root: Path, data_folder: Path, tmp_path: Path
) -> None:
    file = tmp_path / "s.zip"
    options = ("b", "c=2", "--views", "frontal-mean", "--averaging", "logits")
    told = json.loads(export(root, file, *options, "--json").stdout)
    with zipfile.ZipFile(file) as archive:
        assert archive.namelist() == ["submission.csv"]
        header, rows = read(archive.read("submission.csv").decode())
    own_header, own = read((data_folder / TEST_CSV).read_text())
    assert header == ["dicom_id", *(name for name in own_header if name in RECIPE.labels)]
    column = own_header.index("dicom_id")
    assert [row[0] for row in rows] == [row[column] for row in own]
    wanted = expected(root, ["b", "c=2"], "frontal-mean", "logits", "test")
    order = [RECIPE.labels.index(name) for name in header[1:]]
    assert np.array_equal(floats(rows, 1), wanted[:, order])
    assert (told["rows"], told["split"], told["format"]) == (len(own), "test", "zip")
    scored = json.loads(invoke(root, "ensemble", "score", *options, "--json").stdout)
    assert told["key"] == scored["key"]
    export(root, tmp_path / "again.zip", *options)
    assert (tmp_path / "again.zip").read_bytes() == file.read_bytes()


@pytest.mark.parametrize("split", ["dev", "val"])
def test_csv_and_parquet_need_no_data_folder_and_can_be_imported(
    root: Path, tmp_path: Path, split: str
) -> None:
    settings_file = root / "workspace.toml"
    text = settings_file.read_text()
    gone = [line if not line.startswith("data") else 'data = "/none"' for line in text.splitlines()]
    settings_file.write_text("\n".join(gone))
    wanted = expected(root, ["both"], None, None, split)
    table = RecipeHoldings(open_workspace(root), "chain").targets[split]
    for name, file in (("one", tmp_path / "p.csv"), ("two", tmp_path / "p.parquet")):
        shown = export(root, file, "both", "--split", split).stdout
        assert f"{file}: {len(table):,} images of {split}, 4 labels (key " in shown
        invoke(root, "ensemble", "import", name, str(file))
        found = RecipeHoldings(open_workspace(root), "chain").predictions(name, split)
        assert found is not None
        assert np.array_equal(found.probabilities, wanted)
        assert np.array_equal(found.image, table.image)
    header, rows = read((tmp_path / "p.csv").read_text())
    assert header == ["image", "study", "patient", "view", *RECIPE.labels]
    assert [row[3] for row in rows] == table.view.tolist()
    assert pq.read_table(tmp_path / "p.parquet").column_names == header
    told = refused(export(root, tmp_path / "p.zip", "both", "--split", split))
    assert "/none: the data folder is not here" in told
    assert not (tmp_path / "p.zip").exists()


def test_a_file_that_is_there_stays_without_force(root: Path, tmp_path: Path) -> None:
    file = tmp_path / "p.csv"
    file.write_text("mine")
    assert "p.csv: is there already: --force replaces it" in refused(export(root, file, "a"))
    assert file.read_text() == "mine"
    assert export(root, file, "a", "--force").exit_code == 0
    assert file.read_text().startswith("image,")
    assert "by its suffix or --format: zip, csv, parquet" in refused(
        export(root, tmp_path / "p.txt", "a")
    )
    export(root, tmp_path / "p.txt", "a", "--format", "csv")
    assert (tmp_path / "p.txt").read_bytes() == file.read_bytes()
    assert "in a folder that is there" in refused(export(root, tmp_path / "none/p.csv", "a"))
    assert "no split is called 'train'" in refused(
        export(root, file, "a", "--split", "train", "--force")
    )


def test_a_split_without_a_csv_of_its_own(root: Path, tmp_path: Path) -> None:
    told = refused(export(root, tmp_path / "v.zip", "a", "--split", "val"))
    assert "val has no CSV of its own in format cxr-lt-2023" in told


@pytest.fixture
def folder(data_folder: Path, tmp_path: Path) -> Path:
    """The CSV files of the data folder, to be changed; no reader looks at images."""
    shutil.copytree(data_folder / "cxr-lt-2023", tmp_path / "data/cxr-lt-2023")
    return tmp_path / "data"


def table_of(folder: Path, **data: Any) -> tuple[Recipe, ImageTable]:
    recipe = RECIPE.model_copy(update={"data": RECIPE.data.model_copy(update=data)})
    return recipe, read_dataset(folder, recipe.data, recipe.labels)["test"]


def test_the_form_is_that_of_the_csv(folder: Path) -> None:
    recipe, table = table_of(folder)
    form = submission_form(recipe, folder, table)
    assert form.file == folder / TEST_CSV
    assert list(form.ids) == table.image.tolist()
    turned = recipe.model_copy(update={"labels": recipe.labels[::-1]})
    other = read_dataset(folder, turned.data, turned.labels)["test"]
    assert submission_form(turned, folder, other) == form, "columns stand as in the CSV"
    lines = (folder / TEST_CSV).read_text().splitlines()
    for changed in ([*lines[:3], *lines[4:]], [lines[0], lines[2], lines[1], *lines[3:]]):
        (folder / TEST_CSV).write_text("\n".join(changed))
        with pytest.raises(InputError, match=r"test\.csv: test is not what was predicted: the dat"):
            submission_form(recipe, folder, table)


def test_every_row_of_the_csv_needs_a_prediction(folder: Path) -> None:
    recipe, whole = table_of(folder)
    (folder / "out.txt").write_text(f"{whole.path[2]}\n{whole.path[5]}\n")
    recipe, table = table_of(folder, exclude="out.txt")
    with pytest.raises(InputError) as caught:
        submission_form(recipe, folder, table)
    assert f"test.csv, line 4: image {whole.image[2]}: has no prediction" in str(caught.value)
    assert f"(2 of {len(whole)} rows)" in str(caught.value)

    lines = (folder / TEST_CSV).read_text().splitlines()
    file = folder / TEST_CSV
    for bad, place in (
        (lines[1] + ",1", "line 2: "),
        (lines[1].replace(lines[1][-1], "7"), "line 2"),
    ):
        file.write_text("\n".join([lines[0], bad, *lines[2:]]))
        recipe, table = table_of(folder, bad_rows=0.5)
        assert len(table) == len(whole) - 1
        with pytest.raises(InputError, match=rf"test\.csv, {place}.*has no prediction \(1 of"):
            submission_form(recipe, folder, table)


def test_an_id_is_written_as_the_csv_writes_it_and_one_file_of_two_splits_is_none(
    folder: Path,
) -> None:
    own = {"test": TEST_CSV, "image": "path", "patient": "subject_id"}
    csv_settings = {"train": "cxr-lt-2023/train.csv", **own}
    recipe = parse_recipe(
        CHAIN.replace(
            "val_fraction = 0.2",
            'val_fraction = 0.2\nformat = "csv"\n[data.csv]\n'
            + "".join(f'{key} = "{value}"\n' for key, value in csv_settings.items()),
        ),
        "chain",
    )
    tables = read_dataset(folder, recipe.data, recipe.labels)
    form = submission_form(recipe, folder, tables["test"])
    assert form.id_column == "path"
    with pytest.raises(InputError, match="dev has no CSV of its own in format csv"):
        submission_form(recipe, folder, tables["dev"])


@settings(derandomize=True, max_examples=50)
@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=40))
def test_written_numbers_read_back_to_the_bit(values: list[float]) -> None:
    given_ = np.array(values, dtype=np.float32)
    ids = [f'a"{row},' if row % 3 else "plain" for row in range(len(values))]
    header, rows = read(_csv({"id": ids, 'AP, "x"': pa.array(given_)}).decode())
    assert header == ["id", 'AP, "x"']
    assert [row[0] for row in rows] == ids
    single = np.array([np.float32(row[1]) for row in rows])
    double = np.array([float(row[1]) for row in rows]).astype(np.float32)
    assert single.tobytes() == double.tobytes() == given_.tobytes()
