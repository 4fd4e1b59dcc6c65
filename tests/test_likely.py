"""What the next key may ask for is what the keys do, without doing it."""

from collections.abc import Callable
from copy import deepcopy

import numpy as np
import pytest

from cxrtui.screens.ensemble.likely import likely
from cxrtui.screens.ensemble.picks import MOST_SCORES, Picks
from cxrtui.screens.ensemble.work import LoadedSplit, Pick
from jobs.choice import Choice
from jobs.scoring.ensembles import Score

MEMBERS = ("a", "b", "c", "d")
SCORE = Score(np.array([0.5]), 0.5, {})

Key = Callable[[Picks, str], object]  # on the highlighted member
KEYS: dict[str, Key] = {
    "tick": Picks.toggle,
    "view rule": lambda picks, _: picks.next_view_rule(),
    "averaging": lambda picks, _: picks.next_averaging(),
    "split": lambda picks, _: picks.other_split(),
    "more": lambda picks, name: picks.add_weight(name, 1),
    "less": lambda picks, name: picks.add_weight(name, -1),
}


@pytest.fixture
def picks() -> Picks:
    """Two members of four; one of them weighs more."""
    made = Picks()
    made.take(Choice({"b": 2.0, "c": 1.0}, "frontal-mean"))
    return made


@pytest.fixture(scope="module")
def loaded() -> LoadedSplit:
    """A split of one label."""
    default = Choice({"b": 1.0}, "none")
    return LoadedSplit("dev", MEMBERS, ("Edema",), (0,), (), (3,), 9, 9, default, frozenset())


def after(picks: Picks, key: str, member: str) -> Pick | None:
    tried = deepcopy(picks)
    KEYS[key](tried, member)
    return tried.choice(MEMBERS)


@pytest.mark.parametrize("member", ["b", "d"])
def test_all_that_a_key_gives_is_likely(picks: Picks, loaded: LoadedSplit, member: str) -> None:
    found = likely(picks, loaded, member)
    assert {after(picks, key, member) for key in KEYS} <= {*found, picks.choice(MEMBERS)}
    assert {after(picks, "tick", name) for name in MEMBERS} <= {*found}
    assert found[0] == after(picks, "tick", member)
    assert len(set(found)) == len(found)


def test_the_member_below_comes_second(picks: Picks, loaded: LoadedSplit) -> None:
    below = {"a": "b", "c": "d", "d": "a"}
    for member, other in below.items():
        assert likely(picks, loaded, member)[1] == after(picks, "tick", other)
    assert likely(picks, loaded, None) == likely(picks, loaded, "gone")
    assert likely(picks, loaded, None) == likely(picks, loaded, "a")


def test_what_is_known_is_not_likely(picks: Picks, loaded: LoadedSplit) -> None:
    all_of_them = likely(picks, loaded, "b")
    for known in all_of_them:
        picks.keep(known, SCORE)
        assert likely(picks, loaded, "b") == tuple(
            one for one in all_of_them if one not in picks.scores
        )
    assert likely(picks, loaded, "b") == ()


def test_no_member_is_no_choice(loaded: LoadedSplit) -> None:
    nobody = Picks()
    found = likely(nobody, loaded, "b")
    assert found[0].weights == (("b", 1.0),)
    assert {one.weights for one in found} == {((name, 1.0),) for name in MEMBERS}
    nobody.toggle("b")
    assert None not in likely(nobody, loaded, "b")


@pytest.mark.parametrize("member", [*MEMBERS, None])
def test_the_picks_stay_as_they_are(picks: Picks, loaded: LoadedSplit, member: str | None) -> None:
    picks.show(picks.choice(MEMBERS))
    before = deepcopy(picks)
    likely(picks, loaded, member)
    assert picks == before


def test_what_has_been_known_longest_is_forgotten_first(picks: Picks) -> None:
    picks.ticked = {"b"}
    told = []
    for weight in range(MOST_SCORES + 2):
        picks.weights = {"b": 1.0 + weight}
        told.append(picks.choice(MEMBERS))
        picks.keep(told[-1], SCORE)
        if weight == MOST_SCORES - 1:
            picks.keep(told[0], SCORE)  # told again, it is the newest
    assert len(picks.scores) == MOST_SCORES
    assert {*told} - picks.scores.keys() == {*told[1:3]}
