"""Does what the Ensemble screen asks for: the newest request at once, what may come next after."""

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import replace
from itertools import product
from typing import Final

from cxrtui.screens.ensemble.bootstrap import Bootstrap
from cxrtui.screens.ensemble.inbox import Inbox, Superseded
from cxrtui.screens.ensemble.picks import MOST_SCORES
from cxrtui.screens.ensemble.split import PUBLISHED_SPLITS, SplitPredictions, read_split
from cxrtui.screens.ensemble.wire import (
    ConfidenceTold,
    FailureTold,
    Reply,
    Request,
    ScoreTold,
    SplitTold,
)
from cxrtui.screens.ensemble.work import Pick
from cxrtui.screens.reporting import FAILURES, in_a_line
from jobs.recipe.schema import AVERAGINGS, VIEW_RULES
from jobs.workspace import Workspace

_FRAME: Final = 0.03  # seconds in which the dashboard draws, undisturbed
_FIRST: Final = 2  # of what is likely; then members alone, which any key shows and few are
_PAUSE: Final = 0.25  # seconds without a request until intervals are worked out
_MOST_TOLD: Final = MOST_SCORES // 2  # forgotten before the screen does
_NICE: Final = 10  # what nobody waits for leaves the cores to the dashboard

_Told = str | Pick | tuple[Pick, Pick | None]  # a split, a score, intervals


class Desk:
    """Reads splits and scores picks, and tells each thing once.

    When a request has been answered, a thread beside works out what the next key may ask for:
    members alone under all view rules and averagings, and the choices that are a key away. Then it
    sees to the intervals, and to the other split.
    """

    def __init__(
        self, workspace: Workspace, recipe: str, inbox: Inbox, tell: Callable[[Reply], None]
    ) -> None:
        """`tell` is called from several threads."""
        self._workspace = workspace
        self._recipe = recipe
        self._inbox = inbox
        self._tell = tell
        self._readers = ThreadPoolExecutor(len(PUBLISHED_SPLITS))
        self._beside = ThreadPoolExecutor(1, initializer=_be_nice)
        self._splits: dict[str, Future[SplitPredictions | None]] = {}
        self._bootstraps: dict[str, Bootstrap] = {}
        self._told: dict[_Told, None] = {}
        self._noting = threading.Lock()  # two threads do

    def work(self) -> None:
        """Until the inbox is closed."""
        is_over = threading.Event()
        with self._readers, self._beside:
            while (request := self._inbox.take()) is not None:
                is_over.set()
                is_over = threading.Event()
                try:
                    self._answer(request)
                except Superseded:
                    continue
                except FAILURES as error:
                    self._tell(FailureTold(in_a_line(error)))
                else:
                    self._beside.submit(self._go_on, request, is_over)
            is_over.set()

    def _answer(self, request: Request) -> None:
        begun = self._read(request.split)
        begun.add_done_callback(lambda _: self._inbox.stir())
        self._inbox.rest(begun.done)
        split = self._tell_split(request.split, begun)
        if split is not None:
            for pick in request.missing:
                self._score(split, pick, self._inbox.check)

    def _go_on(self, request: Request, is_over: threading.Event) -> None:
        """Until it is over: what was not asked for in so many words."""

        def go_on(seconds: float = 0) -> None:
            if is_over.wait(seconds):
                raise Superseded

        # Failures are told to whoever asks for the split that they belong to.
        with suppress(Superseded, *FAILURES):
            split, choice = self._read(request.split).result(), request.choice
            if split is None or choice is None:
                return
            go_on(_FRAME)
            self._score_likely(request.likely[:_FIRST], go_on)
            self._score_members(split, choice, go_on)
            self._score_likely(request.likely, go_on)
            if request.confide is not None:
                go_on(_PAUSE)
                self._confide(split, request.confide, go_on)
            for name in PUBLISHED_SPLITS:
                self._prepare(name, replace(choice, split=name), go_on)

    def _prepare(self, name: str, choice: Pick, go_on: Callable[[], None]) -> None:
        """Be ready for somebody who looks at a split."""
        begun = self._read(name)
        while wait([begun], timeout=_FRAME).not_done:
            go_on()
        split = self._tell_split(name, begun)
        if split is not None and _can_score(split, choice):
            self._score(split, choice, go_on)
            self._score_members(split, choice, go_on)

    def _score_likely(self, picks: Sequence[Pick], go_on: Callable[[], None]) -> None:
        """Of splits that have been read."""
        for pick in picks:
            begun = self._splits.get(pick.split)
            split = begun.result() if begun is not None and begun.done() else None
            if split is not None and _can_score(split, pick):
                self._score(split, pick, go_on)

    def _score_members(
        self, split: SplitPredictions, choice: Pick, go_on: Callable[[], None]
    ) -> None:
        """Each member alone, under all rules: first those that are few keys away."""
        first, other = AVERAGINGS.index(choice.averaging), VIEW_RULES.index(choice.view_rule)
        for keys in sorted(product(range(len(AVERAGINGS)), range(len(VIEW_RULES))), key=sum):
            averaging = AVERAGINGS[(first + keys[0]) % len(AVERAGINGS)]
            rule = VIEW_RULES[(other + keys[1]) % len(VIEW_RULES)]
            for name in split.loaded.members:
                alone = replace(choice, weights=((name, 1.0),), view_rule=rule, averaging=averaging)
                self._score(split, alone, go_on)

    def _read(self, name: str) -> Future[SplitPredictions | None]:
        """A split that is being read, or has been; what failed is tried again."""
        begun = self._splits.get(name)
        if begun is None or (begun.done() and begun.exception() is not None):
            begun = self._readers.submit(read_split, self._workspace, self._recipe, name)
            self._splits[name] = begun
        return begun

    def _tell_split(
        self, name: str, begun: Future[SplitPredictions | None]
    ) -> SplitPredictions | None:
        split = begun.result()
        if name not in self._told:
            self._note(name)
            self._tell(SplitTold(name, None if split is None else split.loaded))
        return split

    def _score(self, split: SplitPredictions, pick: Pick, go_on: Callable[[], None]) -> None:
        if pick not in self._told:
            found = split.score(pick, go_on)
            self._note(pick)
            self._tell(ScoreTold(pick, found))

    def _confide(
        self, split: SplitPredictions, asked: tuple[Pick, Pick | None], go_on: Callable[[], None]
    ) -> None:
        if asked not in self._told:
            bootstrap = self._bootstraps.setdefault(split.loaded.split, Bootstrap(split))
            found = bootstrap.confidence(*asked, go_on)
            self._note(asked)
            self._tell(ConfidenceTold(found))

    def _note(self, told: _Told) -> None:
        """Tell it once; of very much what was told first may be told again."""
        with self._noting:
            self._told[told] = None
            if len(self._told) > _MOST_TOLD:
                del self._told[next(iter(self._told))]


def _can_score(split: SplitPredictions, pick: Pick) -> bool:
    """Whether all members have predicted the split."""
    return all(name in split.loaded.members for name, _ in pick.weights)


def _be_nice() -> None:
    """Leave the cores to others; on Linux that is a matter of each thread."""
    os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
