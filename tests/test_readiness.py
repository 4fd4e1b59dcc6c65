"""Why a job waits: what it needs first, then the GPU."""

import pytest

from db.records import Job
from jobs.gpus import Gpu, GpuReport
from jobs.queue.readiness import judge
from jobs.recipe.schema import RunSettings


def job(id: int, model: str, *needs: str, state: str = "queued", kind: str = "train") -> Job:
    return Job(
        id=id, key=f"{model}.{kind}", kind=kind, recipe="r", stage="s", model=model, folder="f",
        needs=needs, priority=0, state=state, reason="", queued=0.0,
    )  # fmt: skip


NONE = GpuReport()
ONE = GpuReport([Gpu(0, "GPU-0", "fake", 0, 80 << 30)])
PACK = job(1, "32px", kind="pack")
PARENT = job(2, "a", "32px.pack")
CHILD = job(3, "b", "32px.pack", "a.train")


def verdict(
    *jobs: Job, of: str = "b.train", report: GpuReport = NONE, **how: object
) -> tuple[str, str]:
    how = {"device": "any", **how}
    waiting = [one for one in jobs if one.state in ("queued", "blocked")]
    runs = {one.id: RunSettings(**how) for one in jobs}
    found = judge(waiting, {one.key: one for one in jobs}, runs, report)
    return next((one.state, one.reason) for one in found if one.job.key == of)


def done(one: Job, state: str = "succeeded") -> Job:
    return Job(**{**vars(one), "state": state})


def test_it_waits_for_the_first_of_what_it_needs() -> None:
    assert verdict(PACK, PARENT, CHILD) == ("queued", "needs 32px pack")
    assert verdict(done(PACK), PARENT, CHILD) == ("queued", "needs a train")
    assert verdict(done(PACK), done(PARENT), CHILD) == ("queued", "")


@pytest.mark.parametrize("state", ["failed", "cancelled"])
def test_what_will_never_be_done_is_told_before_what_is_still_to_come(state: str) -> None:
    assert verdict(PACK, done(PARENT, state), CHILD) == ("blocked", f"a train {state}")
    assert verdict(done(PACK, state), PARENT, CHILD) == ("blocked", f"32px pack {state}")
    assert verdict(done(PACK, state), PARENT, CHILD, of="a.train")[0] == "blocked"


def test_a_job_whose_need_was_never_queued_is_blocked() -> None:
    assert verdict(PACK, CHILD) == ("blocked", "a job that it needs is not in the queue")


def test_a_gpu_that_is_not_there_blocks_and_one_that_does_not_answer_lets_wait() -> None:
    ready = (done(PACK), done(PARENT), CHILD)
    assert verdict(*ready, device="cuda") == ("blocked", "needs a GPU: this machine shows none")
    assert verdict(*ready, device="cuda", report=ONE) == ("queued", "")
    silent = GpuReport(trouble="Timeout")
    for device in ("cuda", "any"):
        told = verdict(*ready, device=device, report=silent)
        assert told == ("queued", "waits: the GPUs do not answer: Timeout")
    assert verdict(PACK, of="32px.pack", report=silent) == ("queued", "")


def test_more_gpus_than_there_are_block_training_only() -> None:
    ready = (done(PACK), done(PARENT), CHILD)
    told = verdict(*ready, report=ONE, gpus=2)
    assert told == ("blocked", "needs 2 GPUs: this workspace can use 1")
    predict = job(4, "b", kind="predict")
    assert verdict(predict, of="b.predict", report=ONE, gpus=2) == ("queued", "")
    assert verdict(*ready, gpus=2) == ("queued", "")
