import pytest

from jobs.queue.eta import Work, eta_seconds


def work(key: str, cost: float, done: float = 0.0, seconds: float = 0.0, needs: str = "") -> Work:
    return Work(key, needs or None, cost, done, seconds, running=0 < done < 1)


def test_nothing_measured_is_unknown() -> None:
    assert eta_seconds([work("a", 10)], 2) is None


def test_all_done_is_zero() -> None:
    assert eta_seconds([work("a", 10, 1.0, 5.0)], 2) == 0.0


def test_independent_jobs_share_the_slots() -> None:
    jobs = [work("a", 10, 0.5, 5.0), work("b", 10), work("c", 10)]
    assert eta_seconds(jobs, 1) == pytest.approx(25.0)
    assert eta_seconds(jobs, 2) == pytest.approx(15.0)
    assert eta_seconds(jobs, 3) == pytest.approx(10.0)


def test_a_chain_cannot_be_shortened_by_slots() -> None:
    jobs = [work("a", 10, 0.5, 5.0), work("b", 10, needs="a"), work("c", 10, needs="b")]
    assert eta_seconds(jobs, 8) == pytest.approx(25.0)
