"""Prediction and target files: what was written is read, anything else is an error."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.data.table import ImageTable
from jobs.durable import sha256_file
from jobs.errors import DamagedError
from jobs.predictions import PredictionSet, read_predictions, write_predictions
from jobs.targets import read_targets, write_targets

LABELS = ("Pleural Effusion", "Hernia", "No Finding")


def prediction_set(rows=20, split="dev"):
    generator = np.random.default_rng(rows)
    return PredictionSet(
        split=split,
        labels=LABELS,
        image=np.array([f"image{row:03}" for row in range(rows)], dtype=np.str_),
        study=generator.integers(0, 9, rows).astype(np.str_),
        patient=generator.integers(0, 5, rows).astype(np.str_),
        view=generator.choice(["PA", "AP", ""], rows),
        probabilities=generator.random((rows, len(LABELS)), dtype=np.float32),
    )


def target_table(rows=20, split="dev"):
    made = prediction_set(rows, split)
    targets = made.probabilities > 0.5
    path = np.char.add(made.image, ".jpg")
    return ImageTable(split, LABELS, made.image, made.study, made.patient, made.view, path, targets)


@pytest.mark.parametrize("rows", [0, 1, 20])
def test_predictions_are_read_as_written(tmp_path: Path, rows):
    file = tmp_path / "dev.parquet"
    written = prediction_set(rows)
    sha256 = write_predictions(file, written)
    assert sha256 == sha256_file(file)
    read = read_predictions(file, sha256)
    assert (read.split, read.labels, len(read)) == ("dev", LABELS, rows)
    assert read.probabilities.dtype == np.float32
    for name in ("image", "study", "patient", "view", "probabilities"):
        np.testing.assert_array_equal(getattr(read, name), getattr(written, name))


def test_columns_are_the_contract(tmp_path: Path):
    write_predictions(tmp_path / "dev.parquet", prediction_set())
    schema = pq.read_schema(tmp_path / "dev.parquet")
    assert schema.names == ["image", "study", "patient", "view", *LABELS]
    assert {str(schema.field(label).type) for label in LABELS} == {"float"}


@pytest.mark.parametrize("rows", [0, 1, 20])
def test_targets_are_read_as_written(tmp_path: Path, rows):
    file = tmp_path / "dev.parquet"
    written = target_table(rows)
    read = read_targets(file, write_targets(file, written))
    assert read.fingerprint() == written.fingerprint()
    np.testing.assert_array_equal(read.targets, written.targets)
    assert (read.split, read.targets.dtype) == ("dev", np.bool_)


def test_same_content_same_bytes_and_no_leftovers(tmp_path: Path):
    one = write_predictions(tmp_path / "one.parquet", prediction_set())
    two = write_predictions(tmp_path / "two.parquet", prediction_set())
    assert one == two
    assert write_targets(tmp_path / "one.parquet", target_table()) == write_targets(
        tmp_path / "two.parquet", target_table()
    )
    assert sorted(file.name for file in tmp_path.iterdir()) == ["one.parquet", "two.parquet"]


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.floats(0, 1, exclude_max=True), st.integers(1, 255))
def test_any_changed_byte_is_damage(tmp_path: Path, place, change):
    file = tmp_path / "dev.parquet"
    sha256 = write_predictions(file, prediction_set())
    data = bytearray(file.read_bytes())
    data[int(place * len(data))] ^= change
    file.write_bytes(data)
    with pytest.raises(DamagedError) as caught:
        read_predictions(file, sha256)
    message = str(caught.value)
    assert str(file) in message
    assert sha256 in message
    assert sha256_file(file) in message
    assert "cxrtui queue retry" in message
    assert "\n" not in message


@pytest.mark.parametrize("read", [read_predictions, read_targets])
@pytest.mark.parametrize("data", [None, b"", b"no parquet"])
def test_missing_and_foreign_files_are_damage(tmp_path: Path, read, data):
    file = tmp_path / "dev.parquet"
    if data is not None:
        file.write_bytes(data)
    sha256 = "0" * 64 if data is None else sha256_file(file)
    with pytest.raises(DamagedError, match=r"dev\.parquet"):
        read(file, sha256)


def test_one_kind_of_file_is_not_the_other(tmp_path: Path):
    file = tmp_path / "dev.parquet"
    sha256 = write_predictions(file, prediction_set())
    with pytest.raises(DamagedError, match="no target set"):
        read_targets(file, sha256)
    sha256 = write_targets(file, target_table())
    with pytest.raises(DamagedError, match=r"'path' is not float32"):
        read_predictions(file, sha256)


def with_probability(value):
    made = prediction_set()
    probabilities = made.probabilities.copy()
    probabilities[3, 1] = value
    return replace(made, probabilities=probabilities)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (with_probability(np.nan), "'Hernia'"),
        (with_probability(np.inf), "'Hernia'"),
        (replace(prediction_set(), image=np.array(["twice"] * 20)), "twice occurs twice"),
        (replace(prediction_set(), labels=("a", "b")), "expected"),
        (replace(prediction_set(), labels=("a", "b", "b")), "label"),
        (replace(prediction_set(), labels=("a", "b", "view")), "label"),
        (replace(prediction_set(), view=np.array(["PA"])), "length"),
        (replace(prediction_set(), probabilities=np.zeros((20, 3))), "float32"),
    ],
)
def test_what_makes_no_sense_is_not_written(tmp_path: Path, wrong, message):
    with pytest.raises(ValueError, match=message):
        write_predictions(tmp_path / "dev.parquet", wrong)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (replace(target_table(), image=np.array(["twice"] * 20)), "twice occurs twice"),
        (replace(target_table(), labels=("a", "b", "path")), "label"),
        (replace(target_table(), labels=("a", "b")), "targets are"),
        (replace(target_table(), path=np.array(["a.jpg"])), "length"),
    ],
)
def test_targets_that_make_no_sense_are_not_written(tmp_path: Path, wrong, message):
    with pytest.raises(ValueError, match=message):
        write_targets(tmp_path / "dev.parquet", wrong)
