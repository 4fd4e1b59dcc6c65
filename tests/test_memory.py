"""How many images at once, by what is known of the GPUs."""

from pathlib import Path
from typing import Any

import pytest

from db.attempts import add_attempt, update_attempt
from db.database import Database
from db.jobs import add_job
from db.ledger import PeakRecord, ledger
from db.records import AttemptStart, NewJob
from jobs.queue.memory import next_micro_batch, wanted_micro_batch

GB = 10**9


def spec(
    batch_size: int = 64, micro_batch: int | None = None, kind: str = "train"
) -> dict[str, Any]:
    settings = {"batch_size": batch_size, "architecture": "x", "channels": 1, "image_size": 512}
    return {"kind": kind, "settings": settings, "run": {"micro_batch": micro_batch}}


def peak(micro_batch: int, gpu_bytes: int = 24 * GB, **changed: Any) -> PeakRecord:
    about = {
        "kind": "train", "architecture": "x", "channels": 1, "image_size": 512,
        "micro_batch": micro_batch, "gpu": "fake", "gpu_bytes": gpu_bytes, "peak": None,
        "ran_out": True, "fitted": False,
    }  # fmt: skip
    return PeakRecord(**{**about, **changed})


@pytest.mark.parametrize(
    ("wanted", "gpus", "found"),
    [
        ({}, 1, 64),
        ({"micro_batch": 16}, 1, 16),
        ({}, 2, 32),
        ({"batch_size": 65}, 2, 33),
        ({"micro_batch": 48}, 2, 32),
        ({}, 0, 64),
    ],
)
def test_each_gpu_has_its_share_of_the_batch(wanted: Any, gpus: int, found: int) -> None:
    assert wanted_micro_batch(spec(**wanted), gpus) == found


def test_a_pack_has_no_images_at_once() -> None:
    assert next_micro_batch({"kind": "pack", "run": {}}, []) is None


@pytest.mark.parametrize(
    ("known", "found"),
    [
        ([], 64),
        ([peak(64)], 32),
        ([peak(64), peak(32)], 16),
        ([peak(16)], 16),  # nothing smaller is tried: the attempt says so itself
        ([peak(128)], 64),
        ([peak(64, gpu_bytes=80 * GB)], 32),  # a larger GPU was too small for it
        ([peak(64, gpu_bytes=12 * GB)], 64),
        ([peak(64, image_size=320)], 64),
        ([peak(64, kind="predict")], 64),
        ([peak(64, fitted=True)], 64),  # it has fitted since: somebody else used the GPU
        ([peak(64), peak(64, gpu_bytes=16 * GB, ran_out=False, fitted=True)], 64),
        ([peak(64, ran_out=False)], 64),
    ],
)
def test_the_first_attempt_begins_with_what_is_known_to_fit(
    known: list[PeakRecord], found: int
) -> None:
    assert next_micro_batch(spec(), [], known, 1, 24 * GB) == found
    assert next_micro_batch(spec(), [], known) == 64


def test_the_ledger_says_what_attempts_came_to(tmp_path: Path) -> None:
    database = Database(tmp_path / "x.sqlite3")
    ends = [
        (64, 76, "failed", 0, 3 * GB),
        (32, 0, "succeeded", 1, 5 * GB),
        (32, 0, "succeeded", 2, 7 * GB),
    ]
    with database.write() as connection:
        fields = dict.fromkeys(NewJob.__dataclass_fields__, "x")
        new = NewJob(
            **{**fields, "kind": "train", "needs": (), "priority": 0, "queued": 0.0, "spec": spec()}
        )
        add_job(connection, new)
        for micro_batch, code, state, number, told in ends:
            start = AttemptStart(
                str(number), number, 0, "gpu:0", "h", "b", "fake", 24 * GB, 0.0, micro_batch
            )
            attempt = add_attempt(connection, 1, start)
            update_attempt(connection, attempt, exit_code=code, state=state, gpu_peak=told)
        on_cpu = AttemptStart("cpu", 9, 0, "cpu:0", "h", "b", "", None, 0.0, 64)
        add_attempt(connection, 1, on_cpu)
    with database.read() as connection:
        found = ledger(connection, 76)
    database.close()
    assert found == [
        peak(32, peak=7 * GB, ran_out=False, fitted=True),
        peak(64, peak=3 * GB, ran_out=True, fitted=False),
    ]
    assert [type(one.ran_out) for one in found] == [bool, bool]
