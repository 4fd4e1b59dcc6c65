"""Named places where a test can kill a process: one between every two durable writes.

`CXRTUI_FAILPOINT=name@/folder` makes the first process that passes `name` kill itself with
SIGKILL and leave a file of that name in the folder. It fires once: later passes find the file.
Several names, with commas between, fire once each.
"""

import os
import signal
from pathlib import Path

FAILPOINTS = (
    # the person's command
    "command.before-journal",
    "command.after-journal",
    # whoever applies the journal to the database first: a command or the supervisor
    "journal.job-written",
    "journal.before-commit",
    "journal.applied",
    # the program that trains
    "train.started",
    "train.events-flushed",
    "train.checkpoint-model-written",
    "train.checkpoint-tensors-written",
    "train.checkpoint-state-written",
    "train.checkpoint-published",
    "train.checkpoint-half-removed",
    "train.before-finished",
    "train.finished",
    # the program that predicts
    "predict.started",
    "predict.split-written",
    "predict.before-finished",
    "predict.finished",
    # the program that packs
    "pixels.chunk-written",
    "pixels.chunk-recorded",
    "pixels.index-written",
    "pixels.published",
    # the runner
    "runner.locked",
    "runner.identity-written",
    "runner.program-started",
    "runner.program-ended",
    "runner.result-written",
    # the supervisor
    "supervisor.locked",
    "supervisor.adopted",
    "supervisor.settled",
    "supervisor.told",
    "supervisor.attempt-folder-made",
    "supervisor.attempt-written",
    "supervisor.attempt-recorded",
    "supervisor.runner-started",
    "supervisor.events-taken-in",
    "supervisor.verdict-given",
    "supervisor.end-recorded",
    # `workspace gc`: no part of a run
    "room.forgotten",
    "room.put-aside",
    "supervisor.hook-started",
    "supervisor.hook-done",
)


def failpoint(name: str) -> None:
    """Die here, if a test asked for it."""
    wanted = os.environ.get("CXRTUI_FAILPOINT")
    if wanted is None:
        return
    if name not in FAILPOINTS:
        raise ValueError(f"failpoint {name!r} is not in FAILPOINTS")
    chosen, _, folder = wanted.partition("@")
    if name not in chosen.split(","):
        return
    try:
        (Path(folder) / name).touch(exist_ok=False)
    except FileExistsError:
        return
    os.kill(os.getpid(), signal.SIGKILL)
