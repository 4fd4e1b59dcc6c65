"""A score is told once, so the screen keeps each; of very many the desk tells the oldest again."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from dashboard_workspace import Fixture
from ensemble_app import NAME, Shown, opened
from ensemble_workspace import SKILL, small_workspace
from pilots import until
from textual.pilot import Pilot
from thread_scorer import ThreadScorer

from cxrtui.screens.ensemble import desk
from cxrtui.screens.ensemble.desk import Desk
from cxrtui.screens.ensemble.inbox import Inbox
from cxrtui.screens.ensemble.messages import Scored
from cxrtui.screens.ensemble.screen import EnsembleScreen
from cxrtui.screens.ensemble.split import SplitPredictions
from cxrtui.screens.ensemble.wire import Reply, Request, ScoreTold, SplitTold
from cxrtui.screens.ensemble.work import Pick
from jobs.workspace import Workspace

MODELS = {name: SKILL[name] for name in ("model3", "model4", "model6")}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Fixture:
    """A workspace that tests only read."""
    return small_workspace(tmp_path_factory.mktemp("small") / "w", MODELS)


class Asked:
    """A desk at work, and what it tells."""

    def __init__(self, workspace: Workspace) -> None:
        self.inbox = Inbox()
        self._told: queue.Queue[Reply] = queue.Queue()
        self._desk = Desk(workspace, NAME, self.inbox, self._told.put)
        self.thread = threading.Thread(target=self._desk.work)

    def told(self, *missing: Pick) -> list[Pick | str]:
        """What is told until the last of these is."""
        self.inbox.put(Request("dev", None, missing))
        found: list[Pick | str] = []
        while missing[-1] not in found:
            match self._told.get(timeout=60):
                case ScoreTold(pick=pick):
                    found.append(pick)
                case SplitTold(split=split):
                    found.append(split)
        return found


@pytest.fixture
def asked(made: Fixture) -> Iterator[Asked]:
    working = Asked(made.workspace)
    working.thread.start()
    yield working
    working.inbox.close()
    working.thread.join()


def test_of_very_much_what_was_told_first_is_told_again(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "_MOST_TOLD", 3)
    rules = ("none", "study-mean", "frontal-mean")
    a, b, c = (Pick((("model3", 1.0),), rule, 0.7, "probabilities", "dev") for rule in rules)
    d = replace(a, averaging="ranks")
    assert asked.told(a, b) == ["dev", a, b]
    assert asked.told(c) == [c]  # and forgets the split
    assert asked.told(b, d) == ["dev", d]  # and forgets a, then b
    assert asked.told(a) == [a]
    assert asked.told(d, b) == [b]


class Late(ThreadScorer):
    """Keeps back what one choice scores, until it is let go."""

    late: Pick
    kept_back: Scored | None = None

    def _hand_over(self, message) -> None:
        if isinstance(message, Scored) and message.choice == self.late:
            self.kept_back = message
        else:
            super()._hand_over(message)

    def let_go(self) -> None:
        super()._hand_over(self.kept_back)


@pytest.fixture
def late_split(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Until it is set, nobody knows the predictions of test."""
    now, read = threading.Event(), desk.read_split

    def read_late(workspace: Workspace, recipe: str, split: str) -> SplitPredictions | None:
        assert split == "dev" or now.wait(60)
        return read(workspace, recipe, split)

    monkeypatch.setattr(desk, "read_split", read_late)
    yield now
    now.set()


async def test_a_score_counts_that_comes_while_another_split_is_read(
    made: Fixture, late_split: threading.Event
) -> None:
    app = Shown(made.workspace)
    Late.late = Pick(
        (("model4", 1.0), ("model6", 1.0)), "frontal-mean", 0.7, "probabilities", "dev"
    )
    app.ensemble = screen = EnsembleScreen(app.known, made.workspace, Late)
    async with app.run_test(size=(80, 24)) as pilot:
        try:
            await opened(pilot, app)
            await once_elsewhere(pilot, app)
            assert screen.loaded is None
            screen._scorer.let_go()
            await pilot.pause()
            assert screen.picks.scores[Late.late].map > 0
            await pilot.press("t", "space")
            assert screen.choice == Late.late == screen.shown
        finally:
            late_split.set()


async def once_elsewhere(pilot: Pilot[None], app: Shown) -> None:
    """Look at the other split, when what the next key may ask for has been scored."""
    screen = app.ensemble
    assert screen.members.member == "model3"
    await until(lambda: screen._scorer.kept_back)
    await pilot.press("t")
