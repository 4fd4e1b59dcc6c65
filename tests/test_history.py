from dataclasses import replace

import pytest

from db.records import Attempt, Request
from jobs.queue.history import STRIKES, asked_to_stop, job_state
from jobs.queue.memory import next_micro_batch


def attempt(
    number: int,
    state: str,
    journal: int = 10,
    checkpoint: int = -1,
    exit_code: int | None = None,
    micro_batch: int | None = None,
) -> Attempt:
    ended = None if state in ("starting", "running") else 2.0
    return Attempt(
        id=number, uid=str(number), job_id=1, number=number, state=state, journal=journal,
        slot="cpu:0", host="h", boot="b", gpu="", gpu_bytes=None, gpu_peak=None,
        started=1.0, ended=ended, exit_code=exit_code, signal=None,
        peak_bytes=None, reason="because", offset=0, seq=0, step=0, steps=None,
        checkpoint=checkpoint, micro_batch=micro_batch,
    )  # fmt: skip


def ask(verb: str, journal: int) -> Request:
    return Request(journal, verb, None, 0.0)


@pytest.mark.parametrize(
    ("attempts", "requests", "state"),
    [
        ([], [], "queued"),
        ([attempt(1, "running")], [], "running"),
        ([attempt(1, "starting")], [ask("cancel", 20)], "running"),
        ([attempt(1, "succeeded")], [], "succeeded"),
        ([attempt(1, "succeeded")], [ask("cancel", 20)], "succeeded"),
        ([attempt(1, "failed")], [], "failed"),
        ([attempt(1, "failed")], [ask("retry", 20)], "queued"),
        ([attempt(1, "failed")], [ask("enqueue", 20)], "queued"),
        ([attempt(1, "succeeded")], [ask("enqueue", 20)], "succeeded"),
        ([attempt(1, "succeeded")], [ask("retry", 20)], "queued"),
        ([attempt(1, "failed")], [ask("retry", 5)], "failed"),
        ([attempt(1, "failed", exit_code=76, micro_batch=32)], [], "queued"),
        ([attempt(1, "failed", exit_code=76, micro_batch=31)], [], "failed"),
        ([attempt(1, "failed", exit_code=76)], [], "failed"),
        ([attempt(1, "failed", exit_code=77, micro_batch=32)], [], "failed"),
        ([attempt(1, "failed", exit_code=76, micro_batch=32)], [ask("cancel", 20)], "cancelled"),
        ([attempt(1, "stopped")], [], "queued"),
        ([attempt(1, "stopped")], [ask("pause", 20)], "paused"),
        ([attempt(1, "stopped")], [ask("pause", 20), ask("resume", 30)], "queued"),
        ([attempt(1, "interrupted")], [], "queued"),
        ([], [ask("hold", 1)], "held"),
        ([], [ask("hold", 1), ask("release", 2)], "queued"),
        ([], [ask("hold", 1), ask("resume", 2)], "held"),
        ([], [ask("cancel", 1), ask("pause", 2)], "cancelled"),
    ],
)
def test_state_follows_from_history(
    attempts: list[Attempt], requests: list[Request], state: str
) -> None:
    assert job_state(attempts, requests)[0] == state


def test_three_interruptions_without_progress_fail_the_job() -> None:
    history = [attempt(number, "interrupted") for number in range(1, STRIKES + 1)]
    state, reason = job_state(history, [])
    assert state == "failed"
    assert "3 times without progress" in reason


def test_progress_between_interruptions_keeps_the_job_alive() -> None:
    history = [attempt(number, "interrupted", checkpoint=number) for number in range(1, 9)]
    assert job_state(history, [])[0] == "queued"


def test_a_retry_forgives_earlier_interruptions() -> None:
    history = [attempt(number, "interrupted") for number in range(1, STRIKES + 1)]
    again = [*history, replace(attempt(4, "interrupted"), journal=30)]
    assert job_state(again, [ask("retry", 20)])[0] == "queued"


def test_only_what_was_asked_since_it_began_stops_an_attempt() -> None:
    live = attempt(1, "running", journal=10)
    assert not asked_to_stop(live, [ask("pause", 5)])
    assert asked_to_stop(live, [ask("pause", 10)])
    assert asked_to_stop(live, [ask("cancel", 15)])
    assert not asked_to_stop(live, [ask("hold", 15)])
    assert not asked_to_stop(live, [ask("pause", 15), ask("resume", 16)])


def test_the_next_attempt_sees_half_as_many_images_after_one_without_memory() -> None:
    spec = {"run": {"micro_batch": None}, "settings": {"batch_size": 64}}
    assert next_micro_batch(spec, []) == 64
    assert next_micro_batch({**spec, "run": {"micro_batch": 32}}, []) == 32
    hungry = attempt(1, "failed", exit_code=76, micro_batch=64)
    assert next_micro_batch(spec, [hungry]) == 32
    assert next_micro_batch(spec, [hungry, attempt(2, "interrupted", micro_batch=32)]) == 32
    starved = attempt(2, "failed", exit_code=76, micro_batch=16)
    assert next_micro_batch(spec, [hungry, starved]) == 16
    assert next_micro_batch({"run": {}}, []) is None
