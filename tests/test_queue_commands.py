"""`cxrtui queue` on a queue that nobody works on: targets, verbs, list, one job in full."""

import json
import time
from pathlib import Path

import pytest
from idle_queue import IdleQueue, make_idle_queue
from sqlalchemy import event

from cxrtui.show.progress import progress_table
from db.jobs import jobs, set_state
from jobs.choice import Choice, ensemble_entry
from jobs.errors import InputError
from jobs.provenance import write_provenance
from jobs.queue.journal import record
from jobs.queue.progress import progress_of_jobs
from jobs.queue.rebuild import rebuild_database
from jobs.workspace import open_workspace


@pytest.fixture
def queue(
    workspace: Path, chain: Path, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> IdleQueue:
    return make_idle_queue(workspace, chain, data_folder, monkeypatch)


def test_without_its_parents_a_model_is_refused_unless_they_are_in_the_queue(
    queue: IdleQueue,
) -> None:
    with pytest.raises(InputError, match="b starts from a, which is not in the queue: add it too"):
        queue("add", "b", "--no-parents")
    assert not queue.paths.journal.exists()
    with pytest.raises(InputError, match="starts from a"):
        queue("add", "b", "--no-parents", "--dry-run")
    queue("add", "a")
    plan = json.loads(queue("add", "b", "c", "--no-parents", "--json").stdout)
    assert [(line["model"], line["kind"]) for line in plan] == [
        ("32px", "pack"), ("b", "train"), ("c", "train"), ("b", "predict"), ("c", "predict"),
    ]  # fmt: skip
    queue("cancel", "a")
    with queue.database.write() as connection:
        set_state(connection, queue.jobs()["a train"].id, "cancelled", "")
    with pytest.raises(InputError, match=r"a, which is cancelled: `cxrtui queue retry a`"):
        queue("add", "b", "--no-parents")


def test_a_priority_counts_for_queued_jobs_too_and_a_plain_add_leaves_it(queue: IdleQueue) -> None:
    queue("add", "a", "--priority", "2")
    queue("add", "b")
    assert {name: job.priority for name, job in queue.jobs().items()} == {
        "32px pack": 2, "a train": 2, "a predict": 2, "b train": 0, "b predict": 0,
    }  # fmt: skip
    queue("add", "b", "--priority", "7")
    before = {name: job.priority for name, job in queue.jobs().items()}
    assert before == {
        "32px pack": 7, "a train": 7, "a predict": 2, "b train": 7, "b predict": 7,
    }  # fmt: skip
    queue.database.close()
    rebuild_database(queue.paths.root)
    assert {name: job.priority for name, job in queue.jobs().items()} == before


def test_every_kind_of_target_is_understood(queue: IdleQueue) -> None:
    queue("add", "all")
    number = str(queue.jobs()["a train"].id)
    keys = {"a": "0", "c": "1"}
    record(
        queue.workspace, ensemble_entry("chain", "mine", Choice({"a": 1.0, "c": 2.0}, "none"), keys)
    )

    def meant(*targets: str) -> set[str]:
        outcomes = json.loads(queue("hold", *targets, "--dry-run", "--json").stdout)
        return {f"{one['model']}.{one['kind']}" for one in outcomes}

    assert meant(number) == {"a.train"}
    assert meant("a", "c.predict") == {"a.train", "a.predict", "c.predict"}
    assert meant("stage2", "32px") == {"b.train", "b.predict", "32px.pack"}
    assert meant("both") == {"b.train", "b.predict", "c.train", "c.predict"}
    assert meant("mine") == {"a.train", "a.predict", "c.train", "c.predict"}
    assert len(meant("all")) == 7
    with pytest.raises(InputError, match=r"no job is called 'boths': do you mean both"):
        queue("hold", "a", "boths")
    assert set(queue.states().values()) == {"queued"}


def test_a_verb_says_for_which_jobs_it_changes_nothing(queue: IdleQueue) -> None:
    queue("add", "a")
    queue.try_job("32px pack", "succeeded")
    assert queue("pause", "a.train").stdout == "pause: a train\n"
    size = queue.paths.journal.stat().st_size
    would = queue("resume", "all", "--dry-run").stdout.splitlines()
    assert would[0] == "would resume: a train"
    assert queue.paths.journal.stat().st_size == size
    told = queue("resume", "all")
    assert told.exit_code == 0
    assert sorted(told.stdout.splitlines()) == [
        "32px pack is succeeded: nothing to resume",
        "a predict is queued: nothing to resume",
        "resume: a train",
    ]
    size = queue.paths.journal.stat().st_size
    told = queue("resume", "all", "--json")
    assert told.exit_code == 0
    assert [one["changed"] for one in json.loads(told.stdout)] == [False] * 3
    assert queue.paths.journal.stat().st_size == size
    assert "its priority is 0 already" in queue("move", "a", "--priority", "0").stdout
    (moved,) = json.loads(queue("move", "a.train", "--priority", "3", "--json").stdout)
    assert moved == {
        "id": queue.jobs()["a train"].id, "model": "a", "kind": "train", "state": "queued",
        "changed": True,
    }  # fmt: skip
    assert queue.jobs()["a train"].priority == 3


def test_what_was_asked_of_a_running_job_counts_before_it_is_carried_out(queue: IdleQueue) -> None:
    queue("add", "a")
    queue.try_job("a train", "running")
    assert queue("retry", "a.train").stdout == "a train is running: nothing to retry\n"
    assert queue("pause", "a.train").stdout == "pause: a train\n"
    assert queue("pause", "a.train").stdout == "a train is running: nothing to pause\n"
    assert queue("resume", "a.train").stdout == "resume: a train\n"
    assert queue("cancel", "a.train").stdout == "cancel: a train\n"


def test_what_has_succeeded_runs_again_only_if_it_is_named_alone(queue: IdleQueue) -> None:
    queue("add", "a")
    for name in ("32px pack", "a train", "a predict"):
        queue.try_job(name, "succeeded")
    for target in ("all", "stage1", "a"):
        told = queue("retry", target).stdout
        assert "a train is succeeded: name it a.train to run it again" in told
        assert "retry:" not in told
    assert queue("retry", "a.predict", "32px").stdout == "retry: 32px pack, a predict\n"


def test_the_list_hides_all_but_the_newest_of_what_is_over(queue: IdleQueue) -> None:
    queue("add", "all")
    copies(queue, 30)
    with queue.database.write() as connection:
        for job in queue.jobs().values():
            set_state(connection, job.id, "succeeded", "")
        set_state(connection, 1, "blocked", "\x1b[31mneeds a disk")
    queue.try_job("a train", "running", step=30, steps=1200)
    shown = queue("list").stdout.splitlines()
    assert shown[-1] == "15 more have succeeded or were cancelled: --all shows them"
    assert len(shown) == 1 + 2 + 20 + 1
    assert shown[1].split() == [
        "1", "32px", "pack", "data", "✗", "blocked", "0", "\ufffd[31mneeds", "a", "disk",
    ]  # fmt: skip
    assert shown[2].endswith("step 30 of 1,200 (2%)")
    assert len(queue("list", "--all").stdout.splitlines()) == 1 + 37
    both = queue("list", "--state", "running", "--state", "blocked").stdout.splitlines()
    assert len(both) == 1 + 2
    assert len(json.loads(queue("list", "--json").stdout)) == 37
    (running,) = json.loads(queue("list", "--json", "--state", "running").stdout)
    assert (running["model"], len(running["attempts"])) == ("a", 1)


def copies(queue: IdleQueue, count: int) -> None:
    """Queue so many more jobs."""
    path = next(queue.paths.root.glob("runs/*/a-*/train/job.json"))
    spec = json.loads(path.read_bytes())
    added = [
        {
            "key": f"{number:064}", "kind": "train", "recipe": "chain", "stage": "stage9",
            "model": f"m{number}", "folder": f"runs/chain/m{number}/train", "needs": [],
            "spec": spec,
        }
        for number in range(count)
    ]  # fmt: skip
    record(queue.workspace, {"kind": "add", "jobs": added, "priority": 0})


def test_progress_takes_as_many_queries_for_many_jobs_as_for_few(queue: IdleQueue) -> None:
    queue("add", "all")
    copies(queue, 30)
    for number in range(30):
        queue.try_job(f"m{number} train", "running", step=number)
    asked: list[str] = []
    with queue.database.read() as connection:
        event.listen(connection, "before_cursor_execute", lambda *all_: asked.append(all_[2]))
        found = list(jobs(connection))
        counts = []
        for some in (found[:2], found):
            asked.clear()
            progress = progress_of_jobs(connection, some, time.time())
            counts.append(len(asked))
    assert counts[0] == counts[1] > 0
    assert [one.step for one in progress if one.state == "running"] == list(range(30))
    table = progress_table(progress, 1.0, None, rows=5)
    assert table.row_count == 5
    assert str(table.caption).startswith("... and 29 more\n")
    assert progress_table(progress, 1.0, None).row_count == 1 + 3 + 30


def test_a_job_is_shown_in_full(queue: IdleQueue) -> None:
    queue("add", "b")
    queue.try_job(
        "b train", "interrupted", reason="killed by \x1b[31mSIGKILL", signal=9,
        peak_bytes=3 << 30, gpu_peak=5 << 30, step=30, steps=120, checkpoint=24,
    )  # fmt: skip
    queue.try_job("b train", "running", number=2)
    folder = queue.paths.job(queue.jobs()["b train"].folder) / "attempt-1"
    folder.mkdir()
    write_provenance(folder, {"cuda": "12.6"})
    text = queue("show", "b.train").stdout
    assert max(map(len, text.splitlines())) <= 80
    assert "\x1b" not in text
    words = " ".join(text.split())
    for part in (
        "b train #3 ▶ running", "32px pack (queued), a train (queued)", "test_efficientnet",
        "1 x 32 px", "from a", "attempt 1 ! interrupted", "signal SIGKILL",
        "hal, gpu:GPU-7, NVIDIA A100 of 40.0 GiB", "b007", "at most 3.0 GiB",
        "5.0 GiB of a GPU, 16 images at once", "step 30 of 120 (25%)",
        "newest checkpoint at step 24", "CUDA 12.6", "attempt 2 ▶ running",
    ):  # fmt: skip
        assert part in words, part
    (shown,) = json.loads(queue("show", "b.train", "--json").stdout)
    assert shown["spec"]["settings"]["pre_weight"] == "a"
    assert [one["state"] for one in shown["needs"]] == ["queued", "queued"]
    first, second = shown["attempts"]
    assert (first["gpu_peak"], first["checkpoint"], first["boot"]) == (5 << 30, 24, "b007")
    assert first["provenance"]["packages"]["numpy"]
    assert second["provenance"] is None
    assert len(json.loads(queue("show", "b", "32px", "--json").stdout)) == 3


def test_an_unreadable_recipe_does_not_keep_jobs_from_being_cancelled(
    queue: IdleQueue, chain: Path
) -> None:
    queue("add", "a")
    chain.unlink()
    assert queue("cancel", "a").stdout == "cancel: a train, a predict\n"
    assert open_workspace(queue.paths.root).settings.recipe == str(chain)
