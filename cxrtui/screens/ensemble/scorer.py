"""What scores for the Ensemble screen: a process of its own, from the screen's side."""

import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from textual.message import Message

from cxrtui.screens.ensemble.messages import (
    ConfidenceKnown,
    Scored,
    ScorerEnded,
    SplitLoaded,
)
from cxrtui.screens.ensemble.wire import (
    ConfidenceTold,
    FailureTold,
    Reply,
    Request,
    ScoreTold,
    SplitTold,
    reply_of,
    request_line,
)
from cxrtui.screens.messages import WorkFailed
from cxrtui.screens.reporting import Post
from jobs.start import command


class Scorer:
    """Posts what it finds, as messages that name it as their source."""

    def __init__(self, root: Path, recipe: str, post: Post) -> None:
        """Start the process for a recipe in a workspace."""
        self._post = post
        self._asked: Request | None = None
        self._is_wanted = True
        self._process = subprocess.Popen(
            command("cxrtui.screens.ensemble.scoring_process", str(root), recipe),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        )
        self._listener = threading.Thread(target=self._listen, name="scorer", daemon=True)
        self._listener.start()

    def ask(self, request: Request) -> None:
        """Want this from now on, and nothing that was asked for before."""
        if request == self._asked or self._process.stdin is None:
            return
        self._asked = request
        with suppress(OSError, ValueError):  # it has ended, which the listener tells
            self._process.stdin.write(request_line(request))
            self._process.stdin.flush()

    def end(self) -> None:
        """End the process, whatever it does, and wait for that."""
        self._is_wanted = False
        self._process.kill()
        self._listener.join()

    def _listen(self) -> None:
        with suppress(BrokenPipeError), self._process as process:
            for line in process.stdout or ():
                self._hand_over(message_of(reply_of(line), self))
            said = process.stderr.read().split("\n") if process.stderr else []
        last = [line for line in said if line][-1:] or [f"exit code {self._process.returncode}"]
        self._hand_over(ScorerEnded(self, f"what scores has ended: {last[0]}"))

    def _hand_over(self, message: Message) -> None:
        if self._is_wanted:
            self._post(message)


StartScorer = Callable[[Path, str, Post], Scorer]  # workspace, recipe, who is told


def message_of(reply: Reply, source: object) -> Message:
    """What a screen is told of a reply."""
    match reply:
        case SplitTold():
            return SplitLoaded(source, reply.split, reply.loaded)
        case ScoreTold():
            return Scored(source, reply.pick, reply.score)
        case ConfidenceTold():
            return ConfidenceKnown(source, reply.confidence)
        case FailureTold():
            return WorkFailed(reply.text)
