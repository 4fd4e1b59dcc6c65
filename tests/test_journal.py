"""The journal is applied exactly once, whole lines only."""

import json
from pathlib import Path

import pytest

from db.jobs import jobs, requests_of
from jobs.errors import DamagedError
from jobs.queue.journal import apply_journal, record
from jobs.workspace import Workspace, WorkspaceSettings, make_workspace


@pytest.fixture
def opened(tmp_path: Path) -> Workspace:
    return make_workspace(tmp_path / "workspace", WorkspaceSettings("demo"))


def add(*keys: str) -> dict[str, object]:
    one = {"kind": "train", "recipe": "r", "stage": "s", "model": "m", "needs": [], "spec": {}}
    listed = [{**one, "key": key, "folder": f"runs/r/m-{key}/train"} for key in keys]
    return {"kind": "add", "priority": 0, "jobs": listed}


def queued(opened: Workspace) -> list[str]:
    with opened.database.read() as connection:
        return [job.key for job in jobs(connection)]


def test_what_is_recorded_is_in_the_journal_and_the_database(opened: Workspace) -> None:
    record(opened, add("k1", "k2"))
    assert queued(opened) == ["k1", "k2"]
    entry = json.loads(opened.paths.journal.read_text())
    assert [job["key"] for job in entry["jobs"]] == ["k1", "k2"]
    assert json.loads((opened.paths.root / "runs/r/m-k1/train/job.json").read_text()) == {}


def test_applying_twice_changes_nothing(opened: Workspace) -> None:
    record(opened, add("k1"))
    assert not apply_journal(opened)
    assert queued(opened) == ["k1"]


def test_adding_a_job_again_is_a_request(opened: Workspace) -> None:
    record(opened, add("k1"))
    record(opened, add("k1"))
    assert queued(opened) == ["k1"]
    with opened.database.read() as connection:
        assert [asked.verb for asked in requests_of(connection, 1)] == ["enqueue"]


def test_models_with_equal_settings_share_a_job_and_what_is_asked_of_it(opened: Workspace) -> None:
    record(opened, add("k1", "k1", "k1"))
    record(opened, {"kind": "request", "verb": "pause", "keys": ["k1", "k1"], "value": None})
    assert queued(opened) == ["k1"]
    with opened.database.read() as connection:
        assert [asked.verb for asked in requests_of(connection, 1)] == ["pause"]


def test_a_torn_last_line_waits_and_is_cut_off_by_the_next_record(opened: Workspace) -> None:
    record(opened, add("k1"))
    with opened.paths.journal.open("ab") as file:
        file.write(b'{"kind": "add", "jo')
    assert not apply_journal(opened) or queued(opened) == ["k1"]
    record(opened, add("k2"))
    assert queued(opened) == ["k1", "k2"]
    assert len(opened.paths.journal.read_text().splitlines()) == 2


def test_a_line_that_is_no_json_is_named(opened: Workspace) -> None:
    record(opened, add("k1"))
    opened.paths.journal.write_text(opened.paths.journal.read_text() + "not json\n")
    with pytest.raises(DamagedError, match=r"journal\.jsonl: byte \d+: this line is not JSON"):
        apply_journal(opened)
