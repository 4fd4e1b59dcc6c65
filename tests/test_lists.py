"""Queries over many series and jobs at once find what the queries over one find."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from sqlalchemy import Connection

from db.attempts import add_attempt, update_attempt
from db.database import Database
from db.jobs import add_job
from db.lists import points_after_steps
from db.points import add_points, points_after
from db.predictions import add_prediction_set, predicted_splits, prediction_sets
from db.records import AttemptStart, NewJob, Point, PredictionSetRecord

SERIES = [("train", "loss"), ("val", "loss"), ("val", "m\"a'p$[0]")]
START = AttemptStart("", 1, 0, "cpu:0", "host", "boot", "", None, 0.0, None)


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """Of a database with two jobs, of which the first has failed once."""
    database = Database(tmp_path / "db.sqlite")
    with database.write() as connection:
        for number, states in enumerate((("failed", "succeeded"), ("running",)), 1):
            job = f"key{number}", "predict", "r", "s", f"m{number}", f"runs/{number}"
            add_job(connection, NewJob(*job, (), 0, 0.0, {"run": {}}))
            for place, state in enumerate(states, 1):
                begun = replace(START, uid=f"{number}-{place}", number=place)
                update_attempt(connection, add_attempt(connection, number, begun), state=state)
        yield connection
    database.close()


def test_new_points_of_many_series_are_those_of_each(connection: Connection) -> None:
    for attempt, (place, (split, name)) in product((1, 2, 3), enumerate(SERIES)):
        points = [
            Point(attempt, split, name, step, step / 7, 1e9 + step, _value(attempt, step + place))
            for step in range(attempt * 10, attempt * 10 + 30, place + 1)
        ]
        add_points(connection, points[::-1])
    asked = {
        (attempt, split, name): after
        for after, (attempt, (split, name)) in zip(
            [-1, 0, 19, 38, 31, 38, 39, 20, 1000], product((3, 1, 2), SERIES), strict=True
        )
    }
    asked |= {(9, "train", "loss"): -1, (1, "test", "loss"): -1, (1, "train", "no"): -1}
    each = {key: points_after(connection, *key, step) for key, step in asked.items()}
    assert points_after_steps(connection, asked) == {
        key: found for key, found in each.items() if found
    }
    assert {len(found) for found in each.values()} > {0, 1}
    assert any(value is None for found in each.values() for _, _, value, _ in found)


def _value(attempt: int, step: int) -> float | None:
    return None if step % 5 == 0 else attempt + step / 3


def test_no_series_have_no_points(connection: Connection) -> None:
    add_points(connection, [Point(1, "train", "loss", 1, 0.5, 1e9, 0.25)])
    assert points_after_steps(connection, {}) == {}


def test_splits_count_that_an_attempt_predicted_to_its_end(connection: Connection) -> None:
    told = {1: ("dev", "val"), 2: ("test", "dev"), 3: ("dev",)}
    for attempt, splits in told.items():
        for split in splits:
            record = PredictionSetRecord(attempt, split, f"{attempt}/{split}.parquet", "0" * 64, 5)
            add_prediction_set(connection, record, {})
    found = predicted_splits(connection, ["key2", "key1", "unknown"])
    assert found == {"key1": {"dev", "test"}}, "of key1 the second attempt, of key2 none yet"
    assert found["key1"] == set(prediction_sets(connection, "key1"))
    assert predicted_splits(connection, ["key2"]) == predicted_splits(connection, []) == {}
