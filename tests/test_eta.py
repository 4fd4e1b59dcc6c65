import pytest

from jobs.queue.eta import Work, eta_seconds
from jobs.queue.slots import Resource


def work(
    key: str,
    cost: float,
    done: float = 0.0,
    seconds: float = 0.0,
    needs: str = "",
    resource: Resource = "network",
) -> Work:
    return Work(key, tuple(needs), resource, cost, done, seconds, running=0 < done < 1)


def slots(network: int) -> dict[str, int]:
    return {"network": network, "pack": 1}


def test_nothing_measured_is_unknown() -> None:
    assert eta_seconds([work("a", 10)], slots(2)) is None


def test_all_done_is_zero() -> None:
    assert eta_seconds([work("a", 10, 1.0, 5.0)], slots(2)) == 0.0


def test_independent_jobs_share_the_slots() -> None:
    jobs = [work("a", 10, 0.5, 5.0), work("b", 10), work("c", 10)]
    assert eta_seconds(jobs, slots(1)) == pytest.approx(25.0)
    assert eta_seconds(jobs, slots(2)) == pytest.approx(15.0)
    assert eta_seconds(jobs, slots(3)) == pytest.approx(10.0)


def test_a_chain_cannot_be_shortened_by_slots() -> None:
    jobs = [work("a", 10, 0.5, 5.0), work("b", 10, needs="a"), work("c", 10, needs="b")]
    assert eta_seconds(jobs, slots(8)) == pytest.approx(25.0)


def test_a_job_waits_for_the_last_of_what_it_needs() -> None:
    jobs = [work("a", 10, 0.5, 5.0), work("b", 20, 0.5, 10.0), work("c", 10, needs="ab")]
    assert eta_seconds(jobs, slots(2)) == pytest.approx(20.0)


def test_packs_have_a_speed_and_a_slot_of_their_own() -> None:
    decoding = work("p", 1000, 0.5, 5.0, resource="pack")
    unknown = [decoding, work("a", 10, needs="p")]
    assert eta_seconds(unknown, slots(1)) is None
    jobs = [decoding, work("b", 10, 0.5, 2.0), work("a", 10, needs="p")]
    assert eta_seconds(jobs, slots(1)) == pytest.approx(9.0)
    assert eta_seconds(jobs, slots(2)) == pytest.approx(9.0)
