"""Why a job waits: what it needs first, then the GPU."""

import pytest

from db.records import Job
from jobs.queue.readiness import judge


def job(id: int, model: str, *needs: str, state: str = "queued", kind: str = "train") -> Job:
    return Job(
        id=id, key=f"{model}.{kind}", kind=kind, recipe="r", stage="s", model=model, folder="f",
        needs=needs, priority=0, state=state, reason="", queued=0.0,
    )  # fmt: skip


PACK = job(1, "32px", kind="pack")
PARENT = job(2, "a", "32px.pack")
CHILD = job(3, "b", "32px.pack", "a.train")


def verdict(*jobs: Job, of: str = "b.train", **how: object) -> tuple[str, str]:
    waiting = [one for one in jobs if one.state in ("queued", "blocked")]
    how = {"cuda": False, "device": dict.fromkeys((one.id for one in jobs), "any"), **how}
    found = judge(waiting, {one.key: one for one in jobs}, **how)
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
    cuda = {CHILD.id: "cuda"}
    assert verdict(*ready, device=cuda) == ("blocked", "needs a GPU: this machine shows none")
    assert verdict(*ready, device=cuda, cuda=True) == ("queued", "")
    for device in ("cuda", "any"):
        told = verdict(*ready, device={CHILD.id: device}, trouble="Timeout")
        assert told == ("queued", "waits: the GPUs do not answer: Timeout")
    packing = verdict(PACK, of="32px.pack", device={PACK.id: "none"}, trouble="Timeout")
    assert packing == ("queued", "")
