"""What the next key may ask for: it is scored before somebody asks."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from cxrtui.screens.ensemble.picks import Picks
from cxrtui.screens.ensemble.work import LoadedSplit, Pick


def likely(picks: Picks, loaded: LoadedSplit, member: str | None) -> tuple[Pick, ...]:
    """The choices that are one key away and not known, likely ones first.

    `member` is the highlighted one: it is ticked most often, and then those below it.
    """
    place = loaded.members.index(member) if member in loaded.members else 0
    after = (*loaded.members[place:], *loaded.members[:place])
    found = (_tried(picks, loaded, key) for key in _keys(after))
    return tuple(dict.fromkeys(pick for pick in found if pick and pick not in picks.scores))


def _keys(members: tuple[str, ...]) -> Iterator[Callable[[Picks], object]]:
    yield from (partial(Picks.toggle, model=name) for name in members[:2])
    yield from (Picks.next_view_rule, Picks.next_averaging, Picks.other_split)
    yield from (partial(Picks.toggle, model=name) for name in members[2:])
    yield from (
        partial(Picks.add_weight, model=name, steps=by) for name in members[:1] for by in (1, -1)
    )


def _tried(picks: Picks, loaded: LoadedSplit, key: Callable[[Picks], object]) -> Pick | None:
    """The choice after a key."""
    ticked = None if picks.ticked is None else set(picks.ticked)
    tried = replace(picks, ticked=ticked, weights=dict(picks.weights))
    key(tried)
    return tried.choice(loaded.members)
