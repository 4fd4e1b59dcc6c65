"""Asks in threads what a person asks on the Queue screen, and tells it what came of that."""

from collections.abc import Callable, Collection
from functools import partial
from typing import Any

from textual.message import Message
from textual.screen import Screen

from cxrtui.screens.queue.actions import QueueActions
from cxrtui.screens.queue.request import AddRequest
from cxrtui.screens.reporting import FAILURES


class Asked(Message):
    """What came of an action, in lines; `failed` if nothing did."""

    def __init__(self, lines: list[str], *, failed: bool = False) -> None:
        super().__init__()
        self.lines, self.failed = lines, failed


class Asking:
    """Each method returns at once; the screen gets an `Asked`."""

    def __init__(self, screen: Screen[Any], actions: QueueActions) -> None:
        self._screen = screen
        self._actions = actions

    def ask(self, verb: str, job_ids: Collection[int]) -> None:
        """Ask something of jobs."""
        self._begin(partial(self._actions.ask, verb, job_ids))

    def move(self, by: int, job_ids: Collection[int]) -> None:
        """Change their priorities by so much."""
        self._begin(partial(self._actions.move, by, job_ids))

    def freeze(self, *, frozen: bool) -> None:
        """Start nothing new, or start jobs again."""
        self._begin(partial(self._actions.freeze, frozen=frozen))

    def add(self, request: AddRequest) -> None:
        """Queue what is asked for."""
        self._begin(partial(self._actions.add, request, self._written))

    def _written(self, done: int, total: int) -> None:
        """Of a phantom, in the thread that writes it."""
        tenth = max(total // 10, 1)
        if done % tenth == 0:
            self._screen.post_message(Asked([f"writing phantom images: {done:,} of {total:,}"]))

    def _begin(self, work: Callable[[], list[str]]) -> None:
        self._screen.run_worker(partial(self._work_in_thread, work), thread=True, group="ask")

    def _work_in_thread(self, work: Callable[[], list[str]]) -> None:
        try:
            self._screen.post_message(Asked(work()))
        except FAILURES as error:
            self._screen.post_message(Asked(str(error).splitlines(), failed=True))
