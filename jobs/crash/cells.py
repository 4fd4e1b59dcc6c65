"""What a crash test kills, and when: each role in each state, and how often."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

BEFORE_JOURNAL: Final = "before journal"
AFTER_JOURNAL: Final = "after journal"
START_UP: Final = "start-up"
STARTING: Final = "starting"  # the attempt has a folder, and its runner has said nothing yet
BEGUN: Final = "begun"  # a runner, and no event yet
STEPPING: Final = "stepping"
SAVING: Final = "saving"  # a checkpoint that has no manifest yet
FINISHING: Final = "finishing"  # the last artifact is written, the runner still there
ENDED: Final = "ended"  # the runner is gone, and the database does not know
PACKING: Final = "packing"  # a pack job, from its runner on


@dataclass(frozen=True, order=True)
class Cell:
    """A role in a state: of the role itself, or of the attempt that it works for."""

    role: str
    state: str


# How often each is drawn: most where a week of training would be hit.
WEIGHTS: Final = {
    Cell(role, state): weight
    for role, states in {
        "command": {BEFORE_JOURNAL: 7, AFTER_JOURNAL: 8},
        "supervisor": {
            START_UP: 4,
            STARTING: 3,
            BEGUN: 2,
            STEPPING: 4,
            SAVING: 2,
            FINISHING: 1,
            ENDED: 1,
            PACKING: 1,
        },
        "guard": {STARTING: 1, BEGUN: 1, STEPPING: 3, SAVING: 1},
        "runner": {STARTING: 4, BEGUN: 4, STEPPING: 8, SAVING: 3, FINISHING: 1, PACKING: 1},
        "program": {BEGUN: 5, STEPPING: 18, SAVING: 7, FINISHING: 2, PACKING: 1},
        "worker": {STEPPING: 6, SAVING: 3},
    }.items()
    for state, weight in states.items()
}
LEAST_KILLS: Final = len(WEIGHTS)  # one of each

# Seconds, at most, from the moment a state is seen to the kill: about as long as it lasts.
DELAYS: Final = {
    BEFORE_JOURNAL: 0.7,
    AFTER_JOURNAL: 0.1,
    START_UP: 0.6,
    STARTING: 0.04,
    BEGUN: 0.06,
    STEPPING: 0.12,
    SAVING: 0.01,
    FINISHING: 0.005,
    ENDED: 0.005,
    PACKING: 0.3,
}


BRIEF: Final = (START_UP, PACKING)  # what does not come up often goes first when it does


class Schedule:
    """How often each cell is still to be hit: at first once, and what is left by weight."""

    def __init__(self, kills: int, chance: random.Random) -> None:
        self._chance = chance
        rest = max(0, kills - LEAST_KILLS)
        self._left = Counter([*WEIGHTS, *chance.choices([*WEIGHTS], [*WEIGHTS.values()], k=rest)])

    def __getitem__(self, cell: Cell) -> int:
        return self._left[cell]

    @property
    def total(self) -> int:
        """How many kills are left."""
        return self._left.total()

    def of_role(self, role: str) -> int:
        """How many kills are left of one role."""
        return sum(left for cell, left in self._left.items() if cell.role == role)

    def draw(self, possible: Callable[[Cell], bool]) -> Cell | None:
        """A cell that may come up, by how often it is to be hit; None if there is none."""
        cells = [cell for cell, left in self._left.items() if left and possible(cell)]
        brief = [cell for cell in cells if cell.state in BRIEF]
        if brief and self._chance.random() < 0.5:
            cells = brief
        if not cells:
            return None
        return self._chance.choices(cells, [self._left[cell] for cell in cells])[0]

    def take(self, cell: Cell) -> None:
        """Take a hit out; where that cell has been hit often enough, from the most frequent."""
        taken = cell if self._left[cell] else self._left.most_common(1)[0][0]
        if taken == cell or self._left[taken] > 1:
            self._left[taken] -= 1
