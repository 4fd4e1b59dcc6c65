"""When silence is no longer usual."""

import pytest

from jobs.queue.pulse import Pulse


def pulse(*beats: float) -> Pulse:
    found = Pulse(0.0)
    for one in beats:
        found.beat(one)
    return found


@pytest.mark.parametrize(
    ("beats", "now", "silence"),
    [
        ((), 599, None),
        ((), 601, 601),
        ((1, 2, 3), 603, None),
        ((1, 2, 3), 604, 601),
        ((40, 80, 120), 920, None),  # twenty times the usual 40 seconds is more than ten minutes
        ((40, 80, 120), 921, 801),
        ((300, 301), 901, None),  # it took five minutes to begin
        ((300, 301), 902, 601),
        ((1, 2, 3, 403, 404, 405), 1605, None),  # it has been silent for 400 seconds before
        ((1, 2, 3, 403, 404, 405), 1606, 1201),
    ],
)
def test_silence_is_measured_by_what_is_usual(
    beats: tuple[float, ...], now: float, silence: float | None
) -> None:
    assert pulse(*beats).silence(now, 600) == silence


def test_a_sign_of_life_ends_the_silence() -> None:
    found = pulse(1, 2, 3)
    assert found.silence(1000, 600) == 997
    found.beat(1000)
    assert found.silence(1001, 600) is None
    assert found.usual == 1
