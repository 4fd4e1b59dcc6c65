"""Work gives way to keys, on a clock that only moves while somebody waits or works."""

import asyncio
from collections.abc import Callable

import pytest

from cxrtui.screens import keys_first
from cxrtui.screens.keys_first import KeysFirst, Turns

EFFECT, PATIENCE = 1 / 16, 9 / 32  # which floats add without rounding
BETWEEN = 1 / 32  # seconds between two keys of somebody who types
START = 1024.0

GiveWay = Callable[[Turns], None]


class Clock:
    """Stands in for the module `time`; once told, somebody types on it without a pause."""

    def __init__(self, keys: KeysFirst) -> None:
        self.now = START
        self.waited = 0.0
        self.may_block = True  # the thread that waits
        self._next_key = float("inf")
        self._keys = keys

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert self.may_block
        self.wait(seconds)

    def wait(self, seconds: float) -> None:
        assert seconds > 0
        assert self.now < START + 60, "it waits for ever"
        self.waited += seconds
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        """Let time go by; while somebody types, keys are pressed in it."""
        end = self.now + seconds
        while self._next_key <= end:
            self.now = self._next_key
            self._next_key += BETWEEN
            self._keys.press()
        self.now = end

    def type(self, first: float = 0.0) -> None:
        """Press keys from so many seconds on."""
        self._next_key = self.now + first
        self.pass_by(0)

    def stop_typing(self) -> None:
        """Press no more."""
        self._next_key = float("inf")


class Loop:
    """Stands in for the module `asyncio`: its sleep takes time of the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    async def sleep(self, seconds: float) -> None:
        if seconds:
            self._clock.wait(seconds)


@pytest.fixture
def keys() -> KeysFirst:
    return KeysFirst()


@pytest.fixture
def clock(keys: KeysFirst, monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock(keys)
    monkeypatch.setattr(keys_first, "time", made)
    monkeypatch.setattr(keys_first, "asyncio", Loop(made))
    monkeypatch.setattr(keys_first, "_EFFECT", EFFECT)
    monkeypatch.setattr(keys_first, "_PATIENCE", PATIENCE)
    return made


@pytest.fixture(params=["thread", "loop"])
def give_way(request: pytest.FixtureRequest, clock: Clock) -> GiveWay:
    """Of a thread of its own, or of work in the thread of the keys, which may not block that."""

    def in_loop(turns: Turns) -> None:
        with pytest.raises(StopIteration):
            turns.give_way_in_loop().send(None)

    clock.may_block = request.param == "thread"
    return Turns.give_way if clock.may_block else in_loop


def test_nobody_waits_for_keys_that_nobody_pressed(
    keys: KeysFirst, clock: Clock, give_way: GiveWay
) -> None:
    turns = Turns(keys)
    give_way(turns)
    keys.press()
    clock.pass_by(EFFECT)
    give_way(turns)
    assert clock.waited == 0


def test_it_waits_for_the_rest_of_the_effect_of_each_key(
    keys: KeysFirst, clock: Clock, give_way: GiveWay
) -> None:
    turns = Turns(keys)
    keys.press()
    clock.pass_by(EFFECT / 4)
    give_way(turns)
    assert clock.waited == EFFECT * 3 / 4
    give_way(turns)
    assert clock.waited == EFFECT * 3 / 4, "the effect is there"
    for _ in range(8):  # more than patience for one wait would bear
        keys.press()
        before = clock.waited
        give_way(turns)
        assert clock.waited == before + EFFECT, "who never lost patience has no turn"


def test_it_waits_on_when_a_key_comes_while_it_waits(
    keys: KeysFirst, clock: Clock, give_way: GiveWay
) -> None:
    turns = Turns(keys)
    keys.press()
    clock.type(first=EFFECT / 4)
    wait, waits = clock.wait, []

    def count(seconds: float) -> None:
        waits.append(seconds)
        wait(seconds)
        clock.stop_typing()

    clock.wait = count
    give_way(turns)
    last_key = EFFECT / 4 + BETWEEN
    assert waits == [EFFECT, last_key]
    assert clock.now == START + last_key + EFFECT


def test_patience_has_an_end_and_then_a_turn_begins(
    keys: KeysFirst, clock: Clock, give_way: GiveWay
) -> None:
    mine, others = Turns(keys), Turns(keys)
    clock.type()
    give_way(mine)
    assert clock.waited == PATIENCE
    while clock.now < START + 2 * PATIENCE:
        give_way(mine)
        clock.pass_by(EFFECT / 8)
    assert clock.waited == PATIENCE, "in its turn it waits for no key"
    give_way(mine)
    assert clock.waited == 2 * PATIENCE, "the turn is over"
    give_way(others)
    assert clock.waited == 3 * PATIENCE, "a turn is that of one worker"


def test_who_works_beside_a_typist_has_half_of_the_time(
    keys: KeysFirst, clock: Clock, give_way: GiveWay
) -> None:
    turns = Turns(keys)
    clock.type()
    work = EFFECT / 8
    for _ in range(10 * int(PATIENCE / work)):
        give_way(turns)
        clock.pass_by(work)
    assert clock.waited == (clock.now - START) / 2


async def test_in_the_thread_of_the_keys_these_get_their_turn_in_any_case() -> None:
    turns, ran = Turns(KeysFirst()), []

    async def key() -> None:
        ran.append("key")

    task = asyncio.create_task(key())
    await turns.give_way_in_loop()
    assert ran == ["key"]
    await task
