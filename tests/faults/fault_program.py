"""A program of an attempt that does what no program should; otherwise that of the crash test.

CXRTUI_FAULT says what, as words, for train jobs only, in the first attempt or `always`.
With `gated` all attempts of model `long` wait before their last epoch for a file `gate` in the
workspace.

deaf        ignores TERM and INT, and never ends
leaves      leaves 64 processes: some in sessions of their own, some without an environment
floods      prints CXRTUI_FLOOD bytes
closes      closes its stdout and stderr
execs       replaces itself by a program without an environment, which then trains
stops       stops itself (SIGSTOP) before it trains
zombies     has 100 children that are never waited for, each of which leaves an orphan
corrupts    writes damaged lines between good ones, a torn one at the end, and is killed
fills       trains, and then writes a checkpoint that does not fit on the disk, until it does
"""

import errno
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

from jobs.crash import program
from jobs.crash.chain import EPOCH_STEPS
from jobs.exit_codes import NO_ROOM
from jobs.paths import ROOT_FROM_JOB

LEFT = 64
ZOMBIES = 100
LARGE = 16 << 20
WORD = "fault: "


def main(folder: Path) -> int:
    job = json.loads((folder.parent / "job.json").read_bytes())
    words = os.environ.get("CXRTUI_FAULT", "").split()
    if job["kind"] == "train" and (folder.name == "attempt-1" or "always" in words):
        for word in words:
            if word in FAULTS:
                code = FAULTS[word](folder)
                if code is not None:
                    return code
    if "gated" in words and job["model"] == "long":
        program.Training = Gated  # type: ignore[misc]
    signal.signal(signal.SIGINT, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
    try:
        return program.run(folder)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return NO_ROOM


class Gated(program.Training):
    """Lasts as long as a test wants."""

    def _train_step(self) -> None:
        gate = self.folder / ROOT_FROM_JOB / ".." / "gate"
        while self.step == self.steps - EPOCH_STEPS and not gate.exists() and not self.stop:
            time.sleep(0.01)
        super()._train_step()


def deaf(folder: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    say("deaf")
    while True:
        signal.pause()


def leaves(folder: Path) -> None:
    def work() -> None:
        for number in range(LEFT):
            fork(partial(leave, number, folder))

    aside(work)
    say("left")


def aside(work: Callable[[], object]) -> None:
    """Do something in a child that stays: the program knows only its own children."""
    ready, told = os.pipe()

    def stay() -> None:
        work()
        os.write(told, b"!")
        while True:
            signal.pause()

    fork(stay)
    os.read(ready, 1)


def leave(number: int, folder: Path) -> None:
    """Four kinds: a child, a session leader, a daemon, a daemon without environment and output."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    kind = number % 4
    if kind > 0:
        os.setsid()
    if kind > 1 and os.fork():
        os._exit(0)
    if kind == 3:
        os.chdir("/")
        nothing = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nothing, descriptor)
        os.execve("/bin/sleep", ["sleep", left_name(folder)], {})
    while True:
        signal.pause()


def left_name(folder: Path) -> str:
    """An argument of `sleep` that tells those of one attempt from all others."""
    return f"{10**7 + crc32(bytes(folder)) % 10**7}"


def floods(folder: Path) -> None:
    wanted = int(os.environ["CXRTUI_FLOOD"])
    print("the first line", flush=True)
    block = b"".join(
        b"line %09d of a flood of words that nobody will ever read\n" % n for n in range(20_000)
    )
    for _ in range(wanted // len(block)):
        os.write(1, block)
    print("the last line", flush=True)


def closes(folder: Path) -> None:
    os.close(1)
    os.close(2)


def execs(folder: Path) -> None:
    os.execve(sys.executable, [sys.executable, "-P", __file__, str(folder)], {})


def stops(folder: Path) -> None:
    say("stopping")
    os.kill(os.getpid(), signal.SIGSTOP)


def zombies(folder: Path) -> None:
    def end_with_orphan() -> None:
        fork(lambda: None)

    def work() -> None:
        for _ in range(ZOMBIES):
            fork(end_with_orphan)

    aside(work)


def corrupts(folder: Path) -> int:
    lines = [json.dumps(one).encode() + b"\n" for one in good_events()]
    with (folder / "events.jsonl").open("ab", buffering=0) as file:
        file.write(lines[0])
        for line, damage in zip(lines[1:], DAMAGES, strict=True):
            file.write(line)
            file.write(damage)
        file.write(b'{"seq": 99, "time": 1.0, "kind": "step", "step": 99, "ep')
    os.kill(os.getpid(), signal.SIGKILL)
    return 1


def good_events() -> list[dict[str, Any]]:
    """`started`, and a step for each kind of damage."""
    first = {"seq": 0, "time": 1.0, "kind": "started", "steps": 75, "step": 0}
    return [first, *(step_event(step) for step in range(1, len(DAMAGES) + 1))]


def step_event(step: int, **changed: Any) -> dict[str, Any]:
    told = {"seq": step, "time": 1.0 + step, "kind": "step", "epoch": step / 25, "loss": 1 / step}
    return {**told, "step": step, **changed}


def bad_step(**changed: Any) -> bytes:
    return json.dumps({**step_event(50), **changed}).encode() + b"\n"


DAMAGES = (
    b"\n",
    b"\0" * 4096 + b"\n",
    b"no JSON at all\n",
    b"\xff\xfe\x00 no text either\n",
    b"[1, 2, 3]\n",
    b'"a text"\n',
    b"null\n",
    bad_step(step="many"),
    bad_step(step=[50]),
    bad_step(step=1e300),
    bad_step(step=2**70),
    bad_step(epoch=None),
    bad_step(loss={"a": 1}),
    bad_step(seq="first"),
    bad_step(seq=-1),
    bad_step(time="noon"),
    bad_step(kind="unheard"),
    bad_step(kind=["step"]),
    bad_step(kind="epoch", label_ap=[1]),
    json.dumps(step_event(3, loss=777.0)).encode() + b"\n",  # told before, with other numbers
    b'{"seq": 50, "time": NaN, "kind": "step", "step": 50, "epoch": 2, "loss": 1}\n',
    b"[" * 100_000 + b"\n",
    b'{"seq": 50, "time": 1, "kind": "warning", "text": "' + b"x" * (10 << 20) + b'"}\n',
)


def fills(folder: Path) -> int | None:
    try:
        (folder / "large").write_bytes(b"x" * LARGE)
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        return NO_ROOM
    return None


def fork(work: Callable[[], object]) -> None:
    if os.fork() == 0:
        try:
            work()
        finally:
            os._exit(0)


def say(text: str) -> None:
    print(WORD + text, flush=True)


FAULTS: dict[str, Callable[[Path], int | None]] = {
    one.__name__: one
    for one in (deaf, leaves, floods, closes, execs, stops, zombies, corrupts, fills)
}


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
