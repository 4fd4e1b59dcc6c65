"""What attempts tell reaches the database once, whatever of it is damaged."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from db.attempts import add_attempt, attempt_by_id
from db.jobs import add_job
from db.lists import newest_points
from db.points import points_after
from db.predictions import label_aps
from db.records import Attempt, AttemptStart, NewJob, PredictionSetRecord
from jobs.events import EventWriter, last_event, read_events
from jobs.paths import AttemptPaths
from jobs.queue import intake
from jobs.queue.intake import take_in, take_in_round
from jobs.workspace import Workspace, WorkspaceSettings, make_workspace

GOOD = {"kind": "step", "step": 7, "epoch": 0.5, "loss": 0.25, "lr": 0.1}


@dataclass
class Told:
    """An attempt, and the file in which it tells."""

    attempt: Attempt
    paths: AttemptPaths
    workspace: Workspace

    @property
    def living(self) -> tuple[Attempt, AttemptPaths]:
        return self.attempt, self.paths

    def values(self, name: str = "loss", split: str = "train") -> dict[int, float | None]:
        with self.workspace.database.read() as connection:
            found = points_after(connection, self.attempt.id, split, name)
        return {step: value for step, _, value, _ in found}

    def stored(self) -> Attempt:
        with self.workspace.database.read() as connection:
            return attempt_by_id(connection, self.attempt.id)

    def write(self, *lines: str | dict[str, Any]) -> None:
        with self.paths.events.open("a") as file:
            for seq, line in enumerate(lines):
                text = line if isinstance(line, str) else json.dumps({"seq": seq, "time": 1} | line)
                file.write(text + "\n")

    def steps(self, *steps: int) -> None:
        self.write(*(GOOD | {"step": step, "loss": step / 10} for step in steps))


@pytest.fixture
def told(tmp_path: Path) -> Iterator[list[Told]]:
    """Three attempts that have told nothing yet."""
    workspace = make_workspace(tmp_path / "workspace", WorkspaceSettings("demo"))
    yield [_attempt(workspace, number) for number in range(1, 4)]
    workspace.database.close()


def _attempt(workspace: Workspace, number: int) -> Told:
    folder = f"runs/r/m{number}/train"
    job = NewJob(f"key{number}", "train", "r", "s", f"m{number}", folder, (), 0, 0.0, {"run": {}})
    start = AttemptStart(f"uid{number}", 1, 0, "cpu:0", "host", "boot", "", None, 0.0, None)
    paths = AttemptPaths(workspace.paths.job(folder) / "attempt-1")
    paths.folder.mkdir(parents=True)
    with workspace.database.write() as connection:
        add_job(connection, job)
        attempt = attempt_by_id(connection, add_attempt(connection, number, start))
    return Told(attempt, paths, workspace)


def test_a_round_takes_in_all_attempts_in_one_transaction(
    told: list[Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, silent, other = told
    one.steps(1, 2)
    other.steps(3)
    commits = []
    monkeypatch.setattr(intake, "failpoint", commits.append)
    after = take_in_round(one.workspace, [each.living for each in told])
    assert len(commits) == 1
    assert [attempt.step for attempt in after] == [2, 0, 3]
    assert after == [each.stored() for each in told]
    assert (one.values(), other.values()) == ({1: 0.1, 2: 0.2}, {3: 0.3})
    assert after[1] is silent.attempt
    assert take_in_round(one.workspace, list(zip(after, [e.paths for e in told], strict=True)))
    assert len(commits) == 1  # nothing new, nothing written


def test_no_attempt_keeps_the_others_waiting(
    told: list[Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    fast, slow, _ = told
    monkeypatch.setattr(intake, "BATCH", 10)
    fast.steps(*range(1, 26))
    slow.steps(1)
    after = take_in_round(fast.workspace, [fast.living, slow.living])
    assert [attempt.step for attempt in after] == [10, 1]
    assert take_in(fast.workspace, after[0], fast.paths).step == 25  # at its end: all of it
    assert len(fast.values()) == 25


def test_a_transaction_that_fails_moves_no_offset_and_the_next_one_takes_all(
    told: list[Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, _ = told
    one.steps(1, 2)
    other.steps(1)
    update = intake.update_attempt

    def fail_on_the_second(connection: Any, attempt_id: int, **values: object) -> None:
        if attempt_id == other.attempt.id:
            raise OSError("as if the disk were full")
        update(connection, attempt_id, **values)

    monkeypatch.setattr(intake, "update_attempt", fail_on_the_second)
    with pytest.raises(OSError, match="as if"):
        take_in_round(one.workspace, [one.living, other.living])
    assert (one.stored(), one.values()) == (one.attempt, {})
    monkeypatch.undo()
    take_in_round(one.workspace, [one.living, other.living])
    assert (one.values(), other.values()) == ({1: 0.1, 2: 0.2}, {1: 0.1})


def test_what_was_taken_in_before_a_power_cut_is_not_there_twice(told: list[Told]) -> None:
    one = told[0]
    one.steps(1, 2)
    take_in(one.workspace, one.attempt, one.paths)
    one.steps(3)
    after = take_in(one.workspace, replace(one.attempt, offset=0), one.paths)
    assert one.values() == {1: 0.1, 2: 0.2, 3: 0.3}
    assert after.offset == one.paths.events.stat().st_size


@pytest.mark.parametrize(
    "damaged",
    [
        "",
        "\0" * 40,
        "[" * 100_000,
        '"text"',
        "\N{LATIN SMALL LETTER E WITH ACUTE}",
        '{"seq": 1e999, "time": 1, "kind": "step"}',
        '{"seq": 1, "time": NaN, "kind": "step", "step": 3, "epoch": 1, "loss": 1}',
        '{"seq": 99999999999999999999, "time": 1, "kind": "step", "step": 3, "epoch": 1}',
        '{"seq": 1, "time": 1, "kind": ["step"]}',
        {**GOOD, "step": 10**30},
        {**GOOD, "step": -5},
        {**GOOD, "step": "three"},
        {**GOOD, "step": 3, "epoch": float("inf")},
        {**GOOD, "step": 3, "loss": "low"},
        {**GOOD, "step": 3, "lr": {}},
        {"kind": "epoch", "step": 3, "epoch": 1, "label_ap": [1]},
        {"kind": "epoch", "step": 3, "epoch": 1, "gpu_peak": 1e300},
        {"kind": "predictions", "split": "val", "path": "p", "sha256": "s", "rows": "many"},
        {"kind": "predictions", "split": "val", "path": 3, "sha256": "s", "rows": 3},
        {
            "kind": "predictions",
            "split": "val",
            "path": "p",
            "sha256": "s",
            "rows": 3,
            "label_ap": {"Edema": []},
        },
        {"kind": "started", "step": 0, "steps": 10**40},
    ],
    ids=lambda damaged: str(damaged)[:30],
)
def test_a_damaged_event_costs_its_own_numbers_and_no_more(
    told: list[Told], damaged: str | dict[str, Any]
) -> None:
    one = told[0]
    one.write(GOOD, damaged, GOOD | {"step": 8, "loss": float("inf")})
    after = take_in(one.workspace, one.attempt, one.paths)
    assert (after.step, after.offset) == (8, one.paths.events.stat().st_size)
    assert after == one.stored()
    assert one.values() == {7: 0.25, 8: None}


def test_predictions_that_are_told_twice_count_once(told: list[Told]) -> None:
    one = told[0]
    for ap in (0.5, 0.75):
        fields = {"split": "val", "path": "p.parquet", "sha256": "s", "rows": 3}
        one.write({"kind": "predictions", **fields, "label_ap": {"Edema": ap}})
    take_in(one.workspace, one.attempt, one.paths)
    record = PredictionSetRecord(one.attempt.id, "val", "", "", 0)
    with one.workspace.database.read() as connection:
        assert label_aps(connection, record) == {"Edema": 0.75}


def test_the_last_point_of_each_series(told: list[Told]) -> None:
    one = told[0]
    one.steps(*range(1, 30))
    take_in(one.workspace, one.attempt, one.paths)
    wanted = [("train", "loss"), ("val", "map")]
    with one.workspace.database.read() as connection:
        newest = [newest_points(connection, [one.attempt.id], *series) for series in wanted]
        assert [(p.step, p.value) for found in newest for p in found.values()] == [(29, 2.9)]
        assert [step for step, *_ in points_after(connection, 1, "train", "loss", 27)] == [28, 29]


def test_the_last_event_and_those_of_a_kind_are_found_without_reading_all(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    assert last_event(path) is None
    events = EventWriter(path)
    for step in range(2000):
        events.write("step", step=step, text="a warning is not meant" * (step % 7))
    events.write("warning", text="x" * 100_000)  # longer than what is read at first
    events.close()
    with path.open("a") as file:
        file.write('{"seq": 9, "torn')
    last = last_event(path)
    assert last is not None
    assert (last.kind, last.seq) == ("warning", 2000)
    assert list(read_events(path, kind="warning")) == [last]
